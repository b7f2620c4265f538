import type { Incident } from './incident.ts';
import { addressInRange } from './incidents/address-in-range.ts';
import { guestOnAnonymiser } from './incidents/guest-on-anonymiser.ts';
import { noisySharedExit } from './incidents/noisy-shared-exit.ts';
import { otherPrincipal } from './incidents/other-principal.ts';
import { retroactiveMatch } from './incidents/retroactive-match.ts';
import { revokedMidway } from './incidents/revoked-midway.ts';
import { stolenServicePrincipal } from './incidents/stolen-service-principal.ts';
import type { Population } from './population.ts';

/** Every scripted incident, played by people and workloads of the given organisation. */
export function scriptedIncidents(population: Population): readonly Incident[] {
  return [
    stolenServicePrincipal(population),
    guestOnAnonymiser(population),
    noisySharedExit(population),
    retroactiveMatch(population),
    otherPrincipal(population),
    addressInRange(population),
    revokedMidway(population),
  ];
}
