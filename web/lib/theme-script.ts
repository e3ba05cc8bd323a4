export const THEME_KEY = "sentinel.theme";

/** Runs before the first paint, so that a chosen theme never flashes; the gateway allows it by its hash. */
export const THEME_SCRIPT = `try{var t=localStorage.getItem("${THEME_KEY}");if(t==="light"||t==="dark")document.documentElement.dataset.theme=t}catch(e){}`;
