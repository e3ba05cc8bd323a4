import type { Catalogue } from "../catalogue.ts";

export const exporter = {
  "cli.help.probe-exporter": `sentinel probe-exporter – répondre à Prometheus comme blackbox_exporter

Usage : sentinel probe-exporter [options]

  -c, --config FICHIER      les modules, au format de blackbox_exporter (par défaut : ./blackbox.yml)
  -p, --port N              le port de /probe (par défaut : 9115)
  --host ADRESSE            l’adresse d’écoute (par défaut : 127.0.0.1)
  --allow CIDR,…            les plages permises en plus des adresses publiques quand --host n’est pas une adresse de bouclage
  --timeout-offset SECONDES retirées de ce qu’attend Prometheus (par défaut : 0.5)
  --lang en|fr              la langue de ce qui est dit ici

Exemples :
  sentinel probe-exporter --config /etc/prometheus/blackbox.yml
  curl "http://127.0.0.1:9115/probe?module=http_2xx&target=https://example.com&debug=true"

POST /-/reload relit le fichier. Sur le bouclage, les cibles privées sont permises ; les métadonnées de nuage ne le sont jamais.
Ce qui diffère de blackbox_exporter, et pourquoi, se trouve dans docs/prometheus.md.
Codes de sortie : 0 arrêté comme demandé, 1 n’a pas pu démarrer, 2 commande mal écrite
`,
  "cli.exporter_ready":
    "Les sondages sont servis sur {url}/probe, avec {modules} modules de {file}. Ctrl-C arrête tout.",
} satisfies Catalogue;
