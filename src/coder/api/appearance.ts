import type { CallOptions } from '../call-options.js';
import { flag, listOf, optional, record, text } from '../decode.js';
import { get, put } from '../http/route.js';
import type { Transport } from '../http/transport.js';

const banner = record('a banner', {
  enabled: optional(flag),
  message: optional(text),
  background_color: optional(text),
});

/** `announcement_banners` and `docs_url` since 2024; before there is only `service_banner`, which stays beside them. */
const readAppearance = record('the appearance', {
  application_name: optional(text),
  logo_url: optional(text),
  docs_url: optional(text),
  service_banner: optional(banner),
  announcement_banners: optional(listOf(banner)),
  support_links: optional(
    listOf(record('a link', { name: optional(text), target: optional(text), icon: optional(text) })),
  ),
});

export type CoderAppearance = ReturnType<typeof readAppearance>;
export type UpdateAppearanceRequest = Pick<
  CoderAppearance,
  'application_name' | 'logo_url' | 'service_banner' | 'announcement_banners'
>;

/** How the dashboard looks ("Enterprise", feature `appearance`). */
export function appearance(transport: Transport) {
  return {
    /** `GET /appearance`: 200. */
    getAppearance: (options?: CallOptions) =>
      transport.call({ route: get('/appearance'), read: readAppearance, options }),

    /** `PUT /appearance`: 200 with what was sent; the whole document, what is left out is emptied. 403 without owner. */
    updateAppearance: (request: UpdateAppearanceRequest, options?: CallOptions) =>
      transport.call({ route: put('/appearance'), body: request, read: readAppearance, options }),
  };
}
