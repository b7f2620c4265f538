/** Invented people and workloads; any resemblance is chance. */
export const givenNames = [
  'Anneke',
  'Bram',
  'Celia',
  'Dario',
  'Elif',
  'Farid',
  'Greta',
  'Hugo',
  'Imani',
  'Jonas',
  'Katja',
  'Liang',
  'Maren',
  'Nadia',
  'Oskar',
  'Priya',
  'Quentin',
  'Rosa',
  'Sven',
  'Tamar',
  'Ulrike',
  'Viktor',
  'Wanda',
  'Ximena',
  'Yusuf',
  'Zoë',
] as const;

export const surnames = [
  'Aalders',
  'Brandt',
  'Castellano',
  'Demir',
  'Eriksen',
  'Fontaine',
  'Gallagher',
  'Hofstra',
  'Ibarra',
  'Jansen',
  'Kowalczyk',
  'Lindqvist',
  'Marchetti',
  'Nakamura',
  'Okonkwo',
  'Petrov',
  'Quist',
  'Rasmussen',
  'Silva',
  'Tanaka',
  'Uysal',
  'Vermeer',
  'Wójcik',
  'Yilmaz',
  'Zimmermann',
] as const;

export const workloads = [
  'billing',
  'checkout',
  'datalake',
  'edge',
  'forecast',
  'gateway',
  'hr-portal',
  'identity',
  'inventory',
  'logistics',
  'marketing',
  'payments',
  'reporting',
  'search',
  'telemetry',
  'warehouse',
] as const;

export const automations = [
  'terraform',
  'pipelines',
  'backup-agent',
  'monitoring',
  'cost-export',
  'image-builder',
  'dns-sync',
] as const;

export const stages = ['prod', 'test', 'dev'] as const;

export const locations = ['westeurope', 'northeurope', 'germanywestcentral', 'eastus2'] as const;

/** The letters of a name that a sign-in name keeps. */
export function mailName(name: string): string {
  return name
    .normalize('NFKD')
    .replaceAll('ł', 'l')
    .replaceAll(/[^A-Za-z]/g, '')
    .toLowerCase();
}
