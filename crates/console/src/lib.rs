//! Web pages for agents and administrators, rendered on the server from describe, layout and
//! explain.
//!
//! Every page is whole without script: links go, forms post. Script, where there is some, makes the
//! same requests and puts what comes back into the page that is open (`script/main.ts`). A page that
//! shows records names them in `data-live`; `live.rs` tells it when one of them has changed, and it
//! asks for itself again.

mod console;

mod fault;
mod form;
mod headers;
mod visitor;

mod assets;
mod icons;
mod preferences;
mod shell;
mod toast;

mod fields;
mod text;
mod value;
mod views;

mod dashboard;
mod lists;
mod live;
mod lookup;
mod palette;
mod presence;
mod record;
mod recycle_bin;
mod relink;
mod setup;
mod sign_in;
mod standard_urls;

pub use console::{Console, ConsoleSettings, router};
