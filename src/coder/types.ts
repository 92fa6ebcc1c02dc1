/** Coder's shapes, as its API names them. Fields that some versions lack are optional; unknown ones are ignored. */

export type CoderUserStatus = 'active' | 'dormant' | 'suspended';
export type CoderLoginType = 'password' | 'github' | 'oidc' | 'token' | 'none' | '';

export interface CoderReducedUser {
  id: string;
  username: string;
  name?: string;
  email: string;
  status: CoderUserStatus;
  login_type?: CoderLoginType;
  created_at: string;
  updated_at?: string;
  last_seen_at?: string;
}

export interface CoderUser extends CoderReducedUser {
  organization_ids: string[];
  roles: { name: string; display_name?: string; organization_id?: string }[];
}

export interface CoderUsersPage {
  users: CoderUser[];
  count: number;
}

export interface CreateUserRequest {
  email: string;
  username: string;
  name?: string;
  login_type: CoderLoginType;
  user_status: 'active' | 'dormant';
  organization_ids: string[];
  password?: string;
}

export interface CoderOrganization {
  id: string;
  name: string;
  display_name?: string;
  is_default: boolean;
}

export interface CoderMember {
  user_id: string;
  organization_id: string;
  username?: string;
  email?: string;
  roles?: { name: string }[];
}

export interface CoderGroup {
  id: string;
  name: string;
  display_name?: string;
  organization_id: string;
  avatar_url?: string;
  quota_allowance: number;
  source: 'user' | 'oidc';
  members: CoderReducedUser[];
  total_member_count?: number;
}

export interface CreateGroupRequest {
  name: string;
  display_name?: string;
  avatar_url?: string;
  quota_allowance?: number;
}

export interface PatchGroupRequest {
  add_users?: string[];
  remove_users?: string[];
  name?: string;
  display_name?: string;
  avatar_url?: string;
  quota_allowance?: number;
}

export interface CoderBuildInfo {
  version: string;
  external_url?: string;
  deployment_id?: string;
}

export interface CoderEntitlements {
  features: Record<string, { entitlement: string; enabled: boolean; limit?: number; actual?: number }>;
  has_license: boolean;
  trial?: boolean;
  /** Sentences for admins: a licence that ends soon, more seats used than there are. */
  warnings?: string[];
  errors?: string[];
  /** Since 2024. */
  refreshed_at?: string;
}
