import { describe, expect, test } from 'vitest';
import { parseTlp, strictestTlp, tlpOfMarkingDefinition, tlpOfMarkingId } from '../../../../src/core/intel/tlp.ts';

test.each([
  ['TLP:RED', 'RED'],
  ['tlp:amber+strict', 'AMBER+STRICT'],
  ['TLP:AMBER STRICT', 'AMBER+STRICT'],
  ['amber', 'AMBER'],
  ['Tlp-Green', 'GREEN'],
  ['TLP:WHITE', 'CLEAR'],
  ['clear', 'CLEAR'],
  ['', ''],
  ['pink', ''],
  [5, ''],
])('parseTlp() reads %j as %j', (value, level) => {
  expect(parseTlp(value)).toBe(level);
});

test.each([
  ['613f2e26-407d-48c7-9eca-b8e91df99dc9', 'CLEAR'],
  ['34098fce-860f-48ae-8e50-ebd3cc5e41da', 'GREEN'],
  ['f88d31f6-486f-44da-b317-01333bde0b82', 'AMBER'],
  ['5e57c739-391a-4eb3-b6be-7d15ca92d5ed', 'RED'],
  ['94868c89-83c2-464b-929b-a1a8aa3c8487', 'CLEAR'],
  ['bab4a63c-aed9-4cf5-a766-dfca5abac2bb', 'GREEN'],
  ['55d920b0-5e8b-4f79-9ee9-91f868d9b421', 'AMBER'],
  ['939a9414-2ddd-4d32-a0cd-375ea402b003', 'AMBER+STRICT'],
  ['e828b379-4e03-4974-9ac4-e53a884c97c1', 'RED'],
  ['00000000-0000-4000-8000-000000000001', ''],
])('tlpOfMarkingId() knows marking-definition--%s as %j', (uuid, level) => {
  expect(tlpOfMarkingId(`marking-definition--${uuid}`)).toBe(level);
});

describe('tlpOfMarkingDefinition()', () => {
  const extension = 'extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d';
  test.each([
    [{ definition_type: 'tlp', definition: { tlp: 'amber' } }, 'AMBER'],
    [
      { extensions: { [extension]: { extension_type: 'property-extension', tlp_2_0: 'amber+strict' } } },
      'AMBER+STRICT',
    ],
    [{ name: 'TLP:GREEN' }, 'GREEN'],
    [{ name: 'TLP:GREEN', definition: { tlp: 'red' } }, 'RED'],
    [{ name: 'Red team only', definition_type: 'statement', definition: { statement: 'red' } }, ''],
    [{ definition: null, extensions: [] }, ''],
    // The Access Control Specification, which CISA's AIS marks with.
    [
      {
        extensions: {
          'extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce': {
            extension_type: 'property-extension',
            identifier: 'isa:guide.19001.ACS3-1',
            name: 'TLP:RED',
            control_set: {
              classification: 'U',
              formal_determination: ['INFORMATION-DIRECTLY-RELATED-TO-CYBERSECURITY-THREAT'],
            },
            access_privilege: [
              { privilege_action: 'DSPLY', rule_effect: 'permit', privilege_scope: { entity: ['ALL'] } },
            ],
          },
        },
      },
      '',
    ],
    [{ definition_type: 'ais', definition: { color: 'AMBER' } }, ''],
    [{}, ''],
  ])('reads %j as %j', (object, level) => {
    expect(tlpOfMarkingDefinition(object)).toBe(level);
  });
});

test('strictestTlp() takes the most restrictive level, and none of nothing', () => {
  expect(strictestTlp(['CLEAR', 'AMBER', 'AMBER+STRICT', 'GREEN'])).toBe('AMBER+STRICT');
  expect(strictestTlp(['', 'CLEAR'])).toBe('CLEAR');
  expect(strictestTlp([])).toBe('');
});
