import { Controller, Get, Header, Inject } from '@nestjs/common';
import { METRICS, type Metrics } from './metrics.js';

/** Prometheus' text form. It holds counts only: no ids, no names. */
@Controller()
export class MetricsController {
  constructor(@Inject(METRICS) private readonly metrics: Metrics) {}

  @Get('metrics')
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  scrape(): Promise<string> {
    return this.metrics.text();
  }
}
