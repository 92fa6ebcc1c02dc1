/** Raw material of invented people and groups. */
// prettier-ignore
export const GIVEN_NAMES = [
  'Ada', 'Zoë', 'Björn', 'Chloé', 'Dmitri', 'Esi', 'Fatima', 'Grace', 'Håkon', 'Íñigo', 'Jürgen', 'Kavya', 'Léa',
  'Mateo', 'Nuño', 'Oluwaseun', 'Priya', 'Quentin', 'Renée', 'Siobhán', 'Tomasz', 'Uğur', 'Valérie', 'Wei', 'Ximena',
  'Yusuf', 'Zsófia', 'Amélie', 'Bogdan', 'Ciarán', 'Dörte', 'Emil', 'Freya', 'Gábor', 'Hanna', 'Ivana', 'Jean-Luc',
  'Katarína', 'Łukasz', 'Maëlle',
] as const;

// prettier-ignore
export const FAMILY_NAMES = [
  'Byron', "O'Hara", 'Müller', 'García', 'Ångström', 'Nguyễn', "D'Angelo", 'Smith-Jones', 'van der Berg', 'Çelik',
  'Kowalski', 'Ødegård', 'Šimůnek', 'Okafor', 'Rossi', 'Dubois', 'Yılmaz', 'Haddad', "N'Diaye", 'Lindström', 'Tanaka',
  'Mbeki', 'Großmann', 'Ferreira', 'Novák', 'Petrov', 'Kaur', 'Svensson', 'Lefèvre', 'Whitmore', 'Brâncuși', 'Hoang',
  'Ivanov', 'Jansen', 'Königsberger', 'Lund', 'Moreau', 'Nakamura', 'Ortiz', 'Papadopoulos',
] as const;

// prettier-ignore
/** Two that give one slug, letters beyond ASCII, an emoji, signs. */
export const AWKWARD_GROUPS = [
  'All Staff 🎉', 'Platform & Tools', 'Platform / Tools', 'Équipe Réseau', 'R&D', "People's Office", '開発 Tokyo',
  'Sec.Ops (24/7)',
] as const;

// prettier-ignore
export const PLACES = [
  'Berlin', 'Oslo', 'Zürich', 'Porto', 'Kraków', 'Lagos', 'Malmö', 'Bogotá', 'Osaka', 'Austin', 'Leeds', 'Nairobi',
  'Québec', 'Split', 'Tartu', 'Utrecht', 'Vilnius', 'Wien', 'Århus', 'Sydney', 'Pune', 'Lima', 'Cork', 'Basel', 'Quito',
] as const;

// prettier-ignore
export const TEAMS = [
  'Engineering', 'Support & Success', 'Sales', 'Data Science', 'Design', 'Finance', 'Legal', 'QA/Test', 'Infrastructure',
  'Mobile', 'Payments', 'Search', 'Growth', 'Research', 'Security', 'Field Ops', 'Identity', 'Compilers', 'Edge', 'Docs',
] as const;

export const DEPARTMENTS = ['R&D', 'Operations', 'Sales', 'People', 'Finance'] as const;
