/**
 * The part of OCSF 1.8.0 that alerts use, written by hand from its reference of class 2004 and its objects: the
 * attributes with their types, which are required, and of which at least one must be there. It is no validator of OCSF.
 */
interface Structure {
  readonly attributes: Readonly<Record<string, AttributeType>>;
  readonly required?: readonly string[];
  readonly atLeastOne?: readonly string[];
}

type Scalar = 'string' | 'integer' | 'timestamp' | 'boolean' | 'ip' | 'url' | 'json';
type AttributeType = Scalar | readonly [string] | readonly number[] | { readonly object: string };

const object = (name: string): AttributeType => ({ object: name });
const confidenceIds = [0, 1, 2, 3, 99];

const structures: Readonly<Record<string, Structure>> = {
  detection_finding: {
    attributes: {
      activity_id: [0, 1, 2, 3, 99],
      activity_name: 'string',
      category_name: 'string',
      category_uid: [2],
      class_name: 'string',
      class_uid: [2004],
      cloud: object('cloud'),
      confidence_id: confidenceIds,
      confidence_score: 'integer',
      count: 'integer',
      end_time: 'timestamp',
      evidences: ['evidences'],
      finding_info: object('finding_info'),
      is_alert: 'boolean',
      message: 'string',
      metadata: object('metadata'),
      observables: ['observable'],
      osint: ['osint'],
      resources: ['resource_details'],
      severity: 'string',
      severity_id: [0, 1, 2, 3, 4, 5, 6, 99],
      start_time: 'timestamp',
      status: 'string',
      status_detail: 'string',
      status_id: [0, 1, 2, 3, 4, 5, 6, 99],
      time: 'timestamp',
      type_name: 'string',
      type_uid: [200400, 200401, 200402, 200403, 200499],
      unmapped: 'json',
    },
    required: [
      'activity_id',
      'category_uid',
      'class_uid',
      'cloud',
      'finding_info',
      'metadata',
      'severity_id',
      'time',
      'type_uid',
    ],
  },
  cloud: { attributes: { provider: 'string' }, required: ['provider'] },
  metadata: {
    attributes: {
      correlation_uid: 'string',
      product: object('product'),
      profiles: ['string'],
      uid: 'string',
      version: 'string',
    },
    required: ['product', 'version'],
  },
  product: { attributes: { name: 'string', vendor_name: 'string' }, required: ['name', 'vendor_name'] },
  finding_info: {
    attributes: {
      analytic: object('analytic'),
      attacks: ['attack'],
      first_seen_time: 'timestamp',
      last_seen_time: 'timestamp',
      src_url: 'url',
      title: 'string',
      types: ['string'],
      uid: 'string',
    },
    required: ['uid', 'title'],
  },
  analytic: { attributes: { name: 'string', type: 'string', type_id: [0, 1, 2, 3, 4, 99] }, required: ['type_id'] },
  attack: {
    attributes: { tactic: object('entity'), technique: object('entity') },
    atLeastOne: ['tactic', 'technique'],
  },
  entity: { attributes: { name: 'string', uid: 'string' }, atLeastOne: ['name', 'uid'] },
  evidences: {
    attributes: {
      actor: object('actor'),
      api: object('api'),
      data: 'json',
      name: 'string',
      src_endpoint: object('endpoint'),
    },
    atLeastOne: ['actor', 'api', 'data', 'src_endpoint'],
  },
  actor: { attributes: { app_name: 'string', user: object('user') }, atLeastOne: ['app_name', 'user'] },
  user: {
    attributes: { domain: 'string', name: 'string', type: 'string', type_id: [0, 1, 2, 3, 4, 99], uid: 'string' },
    atLeastOne: ['name', 'uid'],
  },
  api: { attributes: { operation: 'string' }, required: ['operation'] },
  endpoint: { attributes: { ip: 'ip' }, required: ['ip'] },
  resource_details: { attributes: { name: 'string', type: 'string', uid: 'string' }, atLeastOne: ['name', 'uid'] },
  observable: {
    attributes: { name: 'string', type: 'string', type_id: [2, 4, 10], value: 'string' },
    required: ['type_id'],
  },
  osint: {
    attributes: {
      category: 'string',
      confidence_id: confidenceIds,
      desc: 'string',
      detection_pattern: 'string',
      detection_pattern_type: 'string',
      detection_pattern_type_id: [0, 1, 2, 3, 4, 5, 6, 99],
      expiration_time: 'timestamp',
      labels: ['string'],
      modified_time: 'timestamp',
      name: 'string',
      subnet: 'string',
      threat_actor: object('threat_actor'),
      tlp: 'string',
      type: 'string',
      type_id: [0, 1, 99],
      uid: 'string',
      value: 'string',
      vendor_name: 'string',
    },
    required: ['type_id', 'value'],
  },
  threat_actor: { attributes: { name: 'string' }, required: ['name'] },
};

type Json = Readonly<Record<string, unknown>>;

const scalars: Readonly<Record<Scalar, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string' && value !== '',
  integer: Number.isSafeInteger,
  timestamp: (value) => Number.isSafeInteger(value) && (value as number) > 0,
  boolean: (value) => typeof value === 'boolean',
  ip: (value) => typeof value === 'string' && /^[0-9a-f.:]+$/i.test(value),
  url: (value) => typeof value === 'string' && URL.canParse(value),
  json: (value) => typeof value === 'object' && value !== null,
};

function faultsOf(value: unknown, type: AttributeType, path: string): string[] {
  if (typeof type === 'string') return scalars[type](value) ? [] : [`${path} is no ${type}`];
  if ('object' in type) return faultsOfObject(value, type.object, path);
  const [first] = type;
  if (typeof first !== 'string')
    return (type as readonly unknown[]).includes(value) ? [] : [`${path} is no such value`];
  if (!Array.isArray(value) || value.length === 0) return [`${path} is no list`];
  const element: AttributeType = first in scalars ? (first as Scalar) : { object: first };
  return value.flatMap((each, index) => faultsOf(each, element, `${path}[${index}]`));
}

function faultsOfObject(value: unknown, name: string, path: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path} is no object`];
  const { attributes, required = [], atLeastOne = [] } = structures[name]!;
  const members = Object.entries(value as Json);
  const names = members.map(([member]) => member);
  return [
    ...required.filter((member) => !names.includes(member)).map((member) => `${path}.${member} is missing`),
    ...(atLeastOne.length === 0 || atLeastOne.some((member) => names.includes(member))
      ? []
      : [`${path} has none of ${atLeastOne.join(', ')}`]),
    ...members.flatMap(([member, each]) => {
      const type = attributes[member];
      return type === undefined ? [`${path}.${member} is no attribute`] : faultsOf(each, type, `${path}.${member}`);
    }),
  ];
}

/** What a document lacks or has wrong as a Detection Finding; empty when its structure is right. */
export function structuralFaults(document: unknown): readonly string[] {
  return faultsOfObject(document, 'detection_finding', 'finding');
}
