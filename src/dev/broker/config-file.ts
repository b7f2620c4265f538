import type { HubOptions } from './hub.ts';

const MAX_HUBS = 10;
const MAX_PARTITIONS = 32;
const MAX_GROUPS = 20;

/**
 * Reads the official emulator's Config.json (Azure/azure-event-hubs-emulator-installer, EventHub-Emulator/Config), so
 * that one file describes the hubs here and there: `UserConfig.NamespaceConfig` holds one namespace of type EventHub
 * with 1 to 10 `Entities` of `{ Name, PartitionCount 1 to 32, ConsumerGroups [{ Name }] }`. Throws TypeError with
 * everything that is wrong.
 */
export function hubsOfConfig(text: string): HubOptions[] {
  const config: unknown = JSON.parse(text);
  const problems: string[] = [];
  const namespaces = list(member(member(config, 'UserConfig'), 'NamespaceConfig'));
  const [namespace] = namespaces;
  if (namespaces.length !== 1) problems.push(`NamespaceConfig has ${namespaces.length} namespaces: 1 is wanted`);
  const type = member(namespace, 'Type');
  if (namespaces.length === 1 && type !== 'EventHub') problems.push(`Type is ${show(type)}: EventHub is wanted`);
  const entities = list(member(namespace, 'Entities'));
  if (entities.length < 1 || entities.length > MAX_HUBS) {
    problems.push(`Entities has ${entities.length} hubs: 1 to ${MAX_HUBS} are wanted`);
  }
  const hubs = entities.map((entity) => readHub(entity, problems));
  const names = new Set(hubs.map(({ name }) => name.toLowerCase()));
  if (names.size !== hubs.length) problems.push('two hubs have the same name');
  if (problems.length > 0) throw new TypeError(`Cannot read the emulator configuration: ${problems.join('; ')}`);
  return hubs;
}

function readHub(entity: unknown, problems: string[]): HubOptions {
  const name = member(entity, 'Name');
  const partitions = Number(member(entity, 'PartitionCount'));
  const groups = list(member(entity, 'ConsumerGroups')).map((group) => member(group, 'Name'));
  if (typeof name !== 'string' || name === '') problems.push(`a hub's Name is ${show(name)}: text is wanted`);
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > MAX_PARTITIONS) {
    problems.push(
      `PartitionCount of ${show(name)} is ${show(member(entity, 'PartitionCount'))}: 1 to ${MAX_PARTITIONS} is wanted`,
    );
  }
  if (groups.length > MAX_GROUPS)
    problems.push(`${show(name)} has ${groups.length} consumer groups: at most ${MAX_GROUPS} are wanted`);
  for (const group of groups) {
    if (typeof group !== 'string' || group === '')
      problems.push(`a consumer group of ${show(name)} is ${show(group)}: text is wanted`);
    else if (group.toLowerCase() === '$default') problems.push(`${show(name)} lists $default: it exists by itself`);
  }
  return { name: String(name), partitions, consumerGroups: groups.map(String) };
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

function show(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value);
}
