import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress } from '../../../../src/core/address.ts';
import { decodeMessage } from '../../../../src/core/decode/message.ts';
import type { ActivityRecord, SignInRecord } from '../../../../src/core/record.ts';
import { type ExpectedFinding, type Incident, intelligenceAt } from '../../../../src/dev/traffic/incident.ts';
import { scriptedIncidents } from '../../../../src/dev/traffic/incidents.ts';
import { createPopulation } from '../../../../src/dev/traffic/population.ts';

const startMs = Date.UTC(2026, 2, 2, 8, 12);
const population = createPopulation(1);
const incidents = scriptedIncidents(population);

function recordsOf(incident: Incident): (ActivityRecord | SignInRecord)[] {
  return incident.messages(startMs).flatMap((message) => decodeMessage(message.body).records);
}

function canonical(address: string): string {
  const parsed = parseAddress(address);
  return parsed === null ? '' : formatAddress(parsed);
}

function findings(incident: Incident): readonly ExpectedFinding[] {
  return incident.expectation.quiet ? [] : incident.expectation.findings;
}

describe('scripted incidents', () => {
  it('have names of their own and a story', () => {
    expect(new Set(incidents.map((incident) => incident.name)).size).toBe(incidents.length);
    for (const incident of incidents) expect(incident.story.length).toBeGreaterThan(100);
  });

  it.each(incidents)('$name tells the same for the same start', (incident) => {
    const again = scriptedIncidents(createPopulation(1)).find((other) => other.name === incident.name)!;
    expect(again.messages(startMs)).toEqual(incident.messages(startMs));
    expect(again.intelligence(startMs)).toEqual(incident.intelligence(startMs));
    expect(again.expectation).toEqual(incident.expectation);
  });

  it.each(incidents)('$name moves with its start and lasts no longer than it says', (incident) => {
    const moved = 7 * 3_600_000;
    const messages = incident.messages(startMs);
    const times = messages.map((message) => message.enqueuedMs);
    expect(incident.messages(startMs + moved).map((message) => message.enqueuedMs - moved)).toEqual(times);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.at(-1)! - startMs).toBeLessThanOrEqual(incident.durationMs);
    for (const message of messages) {
      for (const record of decodeMessage(message.body).records) {
        expect(record.time!.ms).toBeGreaterThanOrEqual(startMs);
        expect(record.time!.ms).toBeLessThanOrEqual(message.enqueuedMs);
      }
    }
  });

  it.each(incidents)('$name decodes into exactly the records it was made of', (incident) => {
    for (const message of incident.messages(startMs)) {
      const content = decodeMessage(message.body);
      expect(content.records.map((record) => record.stream)).toEqual(message.kinds);
      expect(content.deadLetters).toEqual([]);
    }
  });

  it.each(incidents.filter((incident) => !incident.expectation.quiet))(
    '$name holds the operations and sign-ins it expects, counted one by one',
    (incident) => {
      const records = recordsOf(incident);
      for (const finding of findings(incident)) {
        const here = records.filter((record) => canonical(record.address) === finding.ip);
        const operations = here.filter(
          (record) =>
            record.stream === 'activity' && record.caller === finding.caller && record.resultType === 'Success',
        );
        const signIns = (stream: string) =>
          here.filter((record) => record.stream === stream && record.resultType === '0').length;
        expect(operations.length).toBe(finding.operations);
        expect(signIns('sign_in')).toBe(finding.userSignIns);
        expect(signIns('service_principal')).toBe(finding.servicePrincipalSignIns);
      }
    },
  );

  it.each(incidents.filter((incident) => !incident.expectation.quiet))(
    '$name: the grade it expects follows from the object ids of callers and sign-ins',
    (incident) => {
      const records = recordsOf(incident);
      for (const finding of findings(incident)) {
        const here = records.filter((record) => canonical(record.address) === finding.ip);
        const caller = here.find((record) => record.stream === 'activity' && record.caller === finding.caller);
        const signIns = here.filter((record) => record.stream !== 'activity' && record.resultType === '0');
        const own = signIns.some((record) => record.objectId === caller?.objectId);
        expect(caller?.objectId).not.toBe('');
        expect(finding.grade).toBe(own ? 'same-principal' : signIns.length > 0 ? 'other-principal' : 'none');
      }
    },
  );

  it('the quiet one is noisy: dozens of successful operations and sign-ins from its addresses', () => {
    const quiet = incidents.filter((incident) => incident.expectation.quiet);
    expect(quiet.length).toBe(1);
    const [incident] = quiet;
    const addresses = incident!.expectation.quiet ? incident!.expectation.addresses : [];
    const records = recordsOf(incident!).filter((record) => addresses.includes(record.address));
    for (const address of addresses) {
      const here = records.filter((record) => record.address === address);
      expect(
        here.filter((record) => record.stream === 'activity' && record.resultType === 'Success').length,
      ).toBeGreaterThan(3);
      expect(here.filter((record) => record.stream === 'sign_in').length).toBeGreaterThan(3);
    }
  });

  it('no incident comes near the addresses of another', () => {
    const owners = new Map<string, string>();
    for (const incident of incidents) {
      const { expectation } = incident;
      for (const ip of expectation.quiet ? expectation.addresses : expectation.findings.map((finding) => finding.ip)) {
        expect(owners.get(ip)).toBeUndefined();
        owners.set(ip, incident.name);
      }
    }
  });
});

describe('intelligence of incidents', () => {
  it.each(incidents)('$name names objects before they are referred to, in order of time', (incident) => {
    const steps = incident.intelligence(startMs);
    expect(steps.map((step) => step.atMs)).toEqual(steps.map((step) => step.atMs).toSorted((a, b) => a - b));
    const known = new Set<unknown>();
    for (const object of steps.flatMap((step) => step.objects)) {
      known.add(object['id']);
      if (object['type'] !== 'relationship') continue;
      expect(known.has(object['source_ref'])).toBe(true);
      expect(known.has(object['target_ref'])).toBe(true);
    }
  });

  it.each(incidents)('$name gives nothing that is modified after the feed holds it', (incident) => {
    for (const step of incident.intelligence(startMs)) {
      for (const object of step.objects)
        expect(Date.parse(object['modified'] as string)).toBeLessThanOrEqual(step.atMs);
    }
  });

  it('of a late indicator comes after every record; a revocation is a newer version of the same id', () => {
    const late = incidents.find((incident) => incident.name === 'retroactive-match')!;
    const lastRecord = Math.max(...recordsOf(late).map((record) => record.time!.ms));
    expect(intelligenceAt(late, startMs, lastRecord)).toEqual([]);
    expect(intelligenceAt(late, startMs, startMs + late.durationMs).length).toBe(2);
    const revoked = incidents.find((incident) => incident.name === 'revoked-midway')!;
    const versions = intelligenceAt(revoked, startMs, startMs + revoked.durationMs).filter(
      (object) => object['type'] === 'indicator',
    );
    expect(versions.map((version) => version['revoked'])).toEqual([undefined, true]);
    expect(versions[0]!['id']).toBe(versions[1]!['id']);
    expect((versions[1]!['modified'] as string) > (versions[0]!['modified'] as string)).toBe(true);
  });
});
