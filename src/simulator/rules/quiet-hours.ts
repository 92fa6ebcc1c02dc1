import { CronTime } from 'cron';

export interface QuietHours {
  readonly minute: number;
  readonly hour: number;
  readonly timezone: string;
}

const SCHEDULE = /^(?:(?:CRON_)?TZ=(\S+)\s+)?(\d{1,2})\s+(\d{1,2})\s+\*\s+\*\s+\*$/;

/** A daily schedule with a single time, `CRON_TZ=Europe/Oslo 0 2 * * *`. @throws Error for any other */
export function parseQuietHours(schedule: string): QuietHours {
  const parts = SCHEDULE.exec(schedule.trim());
  if (!parts) throw new Error('expected a daily schedule with a single time');
  const [, timezone = 'UTC', minute = '', hour = ''] = parts;
  if (Number(minute) > 59 || Number(hour) > 23) throw new Error('end of range is above its maximum');
  try {
    Intl.DateTimeFormat('en', { timeZone: timezone });
  } catch {
    throw new Error(`bad location ${timezone}`);
  }
  return { minute: Number(minute), hour: Number(hour), timezone };
}

/** When they come next after `now` (milliseconds since the epoch), as RFC 3339. */
export function nextQuietHours({ minute, hour, timezone }: QuietHours, now: number): string {
  const time = new CronTime(`0 ${minute} ${hour} * * *`, timezone);
  return new Date(time.getNextDateFrom(new Date(now), timezone).toMillis()).toISOString();
}

/** `02:00` */
export function timeOfDay({ minute, hour }: QuietHours): string {
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}
