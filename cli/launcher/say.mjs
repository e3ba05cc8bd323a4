/** What the launcher says; it runs before anything is installed, so its sentences live beside it. */
const SENTENCES = {
  en: {
    usage: "Usage: launch.mjs start [options] | test [jest options] | run jest|FILE.ts|FILE.mjs [arguments]",
    installing: "Installing the packages of this version (once)",
    installed: "Packages installed in {seconds} s.",
    npm_missing:
      "npm was not found: install it together with Node from https://nodejs.org and run the same command again.",
    no_network:
      "The packages could not be fetched because the package registry is out of reach: check the network or the proxy and run the same command again.",
    disk_full:
      "The packages could not be installed because the disk is full: free some space and run the same command again.",
    no_permission:
      "The packages could not be installed because {folder} is not writable for this account: correct its owner or rights and run the same command again.",
    install_failed:
      "npm could not install the packages (its words are above): correct what it names and run the same command again.",
    interrupted: "Interrupted while installing: run the same command again to finish.",
    no_node:
      "There is no Node 24 package for {platform}: install Node 24 or newer from https://nodejs.org and run the same command again.",
    node_broken:
      "The Node 24 that came with the packages does not run here ({reason}): install Node 24 or newer from https://nodejs.org and run the same command again.",
    cannot_run:
      "{program} could not be started ({reason}): remove the folder node_modules and run the same command again.",
  },
  fr: {
    usage: "Usage : launch.mjs start [options] | test [options de jest] | run jest|FICHIER.ts|FICHIER.mjs [arguments]",
    installing: "Installation des paquets de cette version (une seule fois)",
    installed: "Paquets installés en {seconds} s.",
    npm_missing:
      "npm est introuvable : installez-le avec Node depuis https://nodejs.org puis relancez la même commande.",
    no_network:
      "Les paquets n’ont pas pu être téléchargés car le registre est injoignable : vérifiez le réseau ou le proxy puis relancez la même commande.",
    disk_full:
      "Les paquets n’ont pas pu être installés car le disque est plein : libérez de la place puis relancez la même commande.",
    no_permission:
      "Les paquets n’ont pas pu être installés car ce compte ne peut pas écrire dans {folder} : corrigez son propriétaire ou ses droits puis relancez la même commande.",
    install_failed:
      "npm n’a pas pu installer les paquets (ses mots sont ci-dessus) : corrigez ce qu’il indique puis relancez la même commande.",
    interrupted: "Installation interrompue : relancez la même commande pour la terminer.",
    no_node:
      "Il n’existe pas de paquet Node 24 pour {platform} : installez Node 24 ou plus récent depuis https://nodejs.org puis relancez la même commande.",
    node_broken:
      "Le Node 24 livré avec les paquets ne fonctionne pas ici ({reason}) : installez Node 24 ou plus récent depuis https://nodejs.org puis relancez la même commande.",
    cannot_run:
      "{program} n’a pas pu démarrer ({reason}) : supprimez le dossier node_modules puis relancez la même commande.",
  },
};

function wantsFrench(env) {
  return (env.LC_ALL || env.LC_MESSAGES || env.LANG || "").toLowerCase().startsWith("fr");
}

/** One sentence in the language of the terminal; `{name}` is filled from `params`. */
export function say(key, params = {}, env = process.env) {
  const sentence = SENTENCES[wantsFrench(env) ? "fr" : "en"][key];
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => params[name] ?? whole);
}

/** A failure that a person can act on: its message is the whole output. */
export class LaunchFailure extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
