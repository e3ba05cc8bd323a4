import type { Catalogue } from "../catalogue.ts";

export const gateway = {
  "gateway.no_security_check": "Aucun contrôle de sécurité n’est configuré",
  "gateway.down": "Le service ne répond pas comme il le devrait.",
  "gateway.degraded": "Le service répond, mais moins bien qu’il ne devrait.",
  "gateway.no_dashboard": "Sentinel tourne ici sans son tableau de bord. L’API est décrite à l’adresse /api/docs.",
  "gateway.no_snapshot": "le service des incidents n’a pas encore donné signe de vie",
  "gateway.nothing_checked": "aucun moniteur n’a encore été vérifié",
} as const satisfies Catalogue;
