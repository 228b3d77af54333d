//! A real browser for tests: Chromium without a screen, driven by what a person sees and does.
//!
//! ```no_run
//! # use headwater_testbrowser::{Look, Window};
//! let Some(window) = Window::open("http://127.0.0.1:8080", Look::default()) else {
//!     return;
//! };
//! window.go("/login");
//! window.fill("Username", "agent@headwater.example");
//! window.click("Log in");
//! window.sees("Sessions");
//! ```
//!
//! Each [`Window`] is a browser of its own, with its own profile. The first one of a process starts
//! a chromedriver, which ends with the process, also when that is killed, and all browsers with it.
//! Things are found by the names that people and screen readers know them by, so a control
//! without a name cannot be used; and what is not there yet is waited for, with a limit.
//!
//! A test that ends well also ends quietly: an error in the browser's console, or a report of the
//! content security policy, that it did not announce with [`Window::expect_error`] fails it.
//!
//! Where there is no Chromium, [`Window::open`] gives none and the process says once which tests it
//! skips; with `HEADWATER_DEMAND_BROWSER=1` it fails instead.

mod axe;
mod driver;
mod failure;
mod look;
mod part;
mod presence;
mod question;
mod runtime;
mod window;

pub use axe::Violation;
pub use look::{Look, Scheme};
pub use part::Part;
pub use presence::{is_to_be_had, skip};
pub use thirtyfour::Key;
pub use window::Window;
