import "./kit/trusted.js";
import htmx from "./kit/htmx.js";
import "./kit/pages.js";
import { boostDrafts } from "./kit/draft.js";
import "./kit/countdown.js";
import "./kit/region-picker.js";
import "./kit/bulk.js";
import "./kit/keys.js";

boostDrafts(htmx);
