import type { Catalogue, TextParams } from "../catalogue.ts";
import { fill } from "../sentence.ts";

const TYPES: Readonly<Record<string, string>> = {
  string: "un texte",
  number: "un nombre",
  int: "un nombre entier",
  boolean: "true ou false",
  array: "une liste",
  object: "des clés avec des valeurs",
  record: "des clés avec des valeurs",
  map: "des clés avec des valeurs",
};

/** `expected` lists the types as the schema names them. */
const typesIn = ({ expected = "" }: TextParams): string =>
  expected
    .split(",")
    .map((each) => TYPES[each] ?? each)
    .join(" ou ");

export const problems = {
  "problem.unknown_key": "La clé « {key} » est inconnue ici. Retirez-la.",
  "problem.unknown_key_near": "La clé « {key} » est inconnue ici. Vouliez-vous dire « {near} » ?",
  "problem.missing": "« {key} » manque. Ajoutez-le.",
  "problem.wrong_type": (params) => `Attendu ici : ${typesIn(params)}.`,
  "problem.wrong_type_near": (params) =>
    fill(`Attendu ici : ${typesIn(params)}. Vouliez-vous dire {near}, sans guillemets ?`, params),
  "problem.not_one_of": "Seules ces valeurs sont permises ici : {allowed}.",
  "problem.not_one_of_near": "Seules ces valeurs sont permises ici : {allowed}. Vouliez-vous dire « {near} » ?",
  "problem.too_small": "C’est trop petit ou trop court : au moins {minimum}.",
  "problem.too_big": "C’est trop grand ou trop long : au plus {maximum}.",
  "problem.invalid": "Cette valeur n’est pas valable : {detail}.",
  "problem.bad_duration": "« {value} » n’est pas une durée. Écrivez un nombre et une unité, comme 500ms, 2s, 5m ou 1h.",
  "problem.duration_out_of_range": "« {value} » sort de l’intervalle de {minimum} à {maximum}.",
  "problem.bad_email": "« {value} » n’est pas une adresse de courriel. Écrivez-la comme ops@example.org.",
  "problem.bad_format": "« {value} » contient des caractères qui ne sont pas permis ici.",
  "problem.bad_url": "« {value} » n’est pas une adresse. Écrivez-la en entier, comme https://example.com/health.",
  "problem.scheme_not_allowed":
    "Les adresses « {scheme} » ne peuvent pas être vérifiées. Commencez par l’un de : {allowed}.",
  "problem.credentials_in_url": "L’adresse de {host} contient un nom ou un mot de passe. Retirez-les de l’adresse.",
  "problem.metadata_host":
    "{host} est un service de métadonnées du nuage. Il n’est jamais interrogé, quoi qu’on autorise.",
  "problem.bad_channel_url":
    "La valeur de {name} n’est pas une adresse http ou https. Écrivez-la en entier, comme https://hooks.example.com/abc.",
  "problem.missing_env": "La variable d’environnement {name} n’est pas définie. Définissez-la là où Sentinel démarre.",
  "problem.env_not_allowed":
    "Une variable comme ${NAME} n’est permise que dans les champs secrets (url, secret et password des notifications), seule et entière ; pas dans « {key} ».",
  "problem.duplicate_name": "Ce nom figure ici deux fois. Les noms sont uniques : renommez ou retirez-en un.",
  "problem.name_is_the_key": "Le nom d’un moniteur est sa clé, « {key} ». Retirez « name ».",
  "problem.unknown_monitor": "Aucun moniteur ne s’appelle « {name} ». Ajoutez-le sous « monitors » ou retirez-le ici.",
  "problem.unknown_monitor_near": "Aucun moniteur ne s’appelle « {name} ». Vouliez-vous dire « {near} » ?",
  "problem.dependency_ring":
    "Ces moniteurs dépendent l’un de l’autre en cercle : {ring}. Retirez l’une des dépendances.",
  "problem.bad_wall_time":
    "« {value} » n’est pas une heure. Écrivez l’heure locale, sans fuseau, comme 2026-03-01T02:00.",
  "problem.unknown_zone": "« {value} » n’est pas un fuseau horaire. Écrivez un nom IANA, comme Europe/Paris ou UTC.",
  "problem.bad_recurrence":
    "« {part} » ne peut pas servir ici. Écrivez daily, weekly, monthly, yearly, ou une règle de la RFC 5545 avec FREQ de DAILY à YEARLY, comme FREQ=MONTHLY;BYDAY=1SU.",
  "problem.maintenance_covers_nothing":
    'Ceci ne couvre rien. Nommez des moniteurs, des groupes ou des étiquettes ; monitors : ["*"] les couvre tous.',
  "problem.unknown_channel":
    "Aucun canal de notification ne s’appelle « {name} ». Ajoutez-le sous « notifications » ou retirez-le ici.",
  "problem.address_incomplete":
    "Il manque à « {value} » une partie dont cette vérification a besoin. Écrivez-la comme {example}.",
  "problem.option_of_other_kind": "« {key} » ne va pas avec une adresse {scheme}. Retirez-le, ou changez l’adresse.",
  "problem.subject_of_other_kind":
    "La vérification d’une adresse {scheme} n’a pas de « {subject} » à examiner. Elle a : {allowed}.",
  "problem.one_comparison": "Une assertion fait exactement une comparaison, parmi : {allowed}.",
  "problem.one_act": "Une étape fait exactement une chose, parmi : {allowed}.",
  "problem.key_of_other_act": "« {key} » ne dit rien à une étape qui fait « {act} » : retirez cette clé.",
  "problem.days_order":
    "« warnDays » ({warnDays}) précède « failDays » ({failDays}) et ne doit donc pas être plus petit.",
  "problem.heartbeat_not_alone": "Un moniteur qui attend d’être appelé a un seul point. Faites-en un moniteur à part.",
  "problem.bad_cron":
    "« {value} » ne se lit pas comme une expression cron. Écrivez cinq champs, tels que 30 2 * * * pour chaque jour à 02:30.",
  "problem.cron_never": "« {value} » n’échoit jamais : aucune date n’y correspond.",
  "problem.bad_time_zone": "« {value} » n’est pas un fuseau horaire. Écrivez-en un comme Europe/Paris ou UTC.",
  "problem.time_zone_alone":
    "Un fuseau horaire ne dit rien sans « cron » : retirez-le, ou donnez « cron » au lieu de « every ».",
  "problem.one_of_two": "Donnez « {one} » ou « {other} », pas les deux.",
  "problem.subject_needs_of": "Dites de quel « {subject} » il s’agit, sous « of ».",
  "problem.subject_has_no_of": "Il n’y a qu’un seul « {subject} » : retirez « of ».",
  "problem.bad_limit":
    "« {value} » n’est pas une limite pour « {subject} ». Écrivez un nombre, ou une durée comme 800ms pour la latence et les phases.",
  "problem.bad_pattern":
    "« {value} » ne se lit pas comme une expression régulière à partir du caractère {at}, à « {near} ». La syntaxe est celle de RE2, sans assertions avant ou arrière ni références arrière.",
  "problem.pattern_too_large":
    "L’expression régulière « {value} » devient {size} instructions, alors que {maximum} sont permises. Utilisez de plus petits nombres entre accolades.",
  "problem.bad_json_path":
    "« {value} » ne se lit pas comme un JSONPath (RFC 9535) au caractère {at}. Écrivez-le comme $.status ou $.items[0].name.",
  "problem.unknown_variable":
    "Aucune étape avant celle-ci ne capture « {name} ». Capturez-la d’abord, ou corrigez le nom.",
  "problem.variable_in_host":
    "« {name} » se trouve dans l’hôte. Les variables sont permises après lui, dans le chemin et la requête.",
  "problem.secret_name":
    "Un moniteur ne peut nommer que des variables dont le nom commence par SENTINEL_SECRET_ ; « {name} » n’en est pas une.",
  "problem.secret_literal":
    "Un moniteur est gardé dans le journal d’événements et ne doit contenir aucun secret. Mettez-le dans une variable d’environnement de la sonde, par exemple SENTINEL_SECRET_SHOP, et écrivez ici ${SENTINEL_SECRET_SHOP}.",
  "problem.one_of_these": "Exactement l’un de ceux-ci doit être donné : {allowed}.",
  "problem.yaml_syntax": "Ceci n’est pas du YAML : {detail}.",
  "problem.file_missing":
    "Le fichier {file} n’est plus là. Ce qu’il disait en dernier reste en vigueur ; remettez-le, ou retirez ses moniteurs par un fichier vide.",
  "problem.file_unreadable": "Le fichier {file} est illisible ({reason}). Vérifiez ses droits d’accès.",
} as const satisfies Catalogue;
