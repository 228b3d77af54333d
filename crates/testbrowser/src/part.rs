//! A part of a page, and what a person does there.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use thirtyfour::error::{WebDriverError, WebDriverResult};
use thirtyfour::{Key, WebElement};
use tokio::time::{Instant, interval};

use crate::failure::fail;
use crate::runtime::wait_for;
use crate::window::{Browser, path_of};

/// How long a page may take until it is as expected.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often it is looked at meanwhile.
const GLANCE: Duration = Duration::from_millis(40);

/// A part of a page, or all of it. It is looked up anew whenever it is used, so it stays good when
/// the page changes.
#[derive(Debug, Clone)]
pub struct Part {
    browser: Arc<Browser>,
    /// The parts that it lies in, outermost first, each with how it is known.
    path: Vec<(&'static str, String)>,
}

/// What an attempt came to that is to be made again.
pub(crate) enum NotYet {
    Because(String),
    Driver(WebDriverError),
}

impl From<WebDriverError> for NotYet {
    fn from(error: WebDriverError) -> Self {
        Self::Driver(error)
    }
}

impl Part {
    pub(crate) fn whole(browser: Arc<Browser>) -> Self {
        let path = Vec::new();
        Self { browser, path }
    }

    pub(crate) fn browser(&self) -> &Browser {
        &self.browser
    }

    /// The part of this name: a region, dialog, form, group, table or list.
    #[must_use]
    pub fn within(&self, name: &str) -> Self {
        self.inner("part", name)
    }

    /// The row of a table or list, the option or the like that says this.
    #[must_use]
    pub fn row(&self, text: &str) -> Self {
        self.inner("row", text)
    }

    fn inner(&self, kind: &'static str, name: &str) -> Self {
        let mut path = self.path.clone();
        path.push((kind, name.to_owned()));
        let browser = Arc::clone(&self.browser);
        Self { browser, path }
    }

    /// Clicks the button, link or other control of this name.
    ///
    /// # Panics
    /// When there is none, or several, or something stands in front of it.
    #[track_caller]
    pub fn click(&self, name: &str) {
        self.until(&format!("click {name:?}"), async || {
            self.click_in_the_middle(&self.one("control", name).await?)
                .await
        });
    }

    /// Clicks the option that begins with this, of a list that a field has opened.
    ///
    /// # Panics
    /// When there is none, or several.
    #[track_caller]
    pub fn pick(&self, option: &str) {
        self.until(&format!("pick {option:?}"), async || {
            self.click_in_the_middle(&self.one("option", option).await?)
                .await
        });
    }

    /// Writes into the field of this name in place of what is there; of a list it chooses the entry.
    ///
    /// # Panics
    /// When there is no such field, or several, or the list has no such entry.
    #[track_caller]
    pub fn fill(&self, name: &str, text: &str) {
        self.until(&format!("fill {name:?} with {text:?}"), async || {
            let field = self.one("field", name).await?;
            if field.tag_name().await? == "select" {
                return choose(&field, text).await;
            }
            self.click_in_the_middle(&field).await?;
            let keys = self.browser.driver().action_chain();
            let keys = keys.key_down(Key::Control).send_keys("a");
            let keys = keys.key_up(Key::Control).send_keys(Key::Delete);
            keys.perform().await?;
            Ok(field.send_keys(text).await?)
        });
    }

    /// Switches the checkbox or radio button of this name on or off.
    ///
    /// # Panics
    /// When there is none, or several, or it does not switch.
    #[track_caller]
    pub fn switch(&self, name: &str, on: bool) {
        self.until(&format!("switch {name:?} to {on}"), async || {
            let field = self.one("field", name).await?;
            if field.is_selected().await? == on {
                return Ok(());
            }
            self.click_in_the_middle(&field).await
        });
    }

    /// Puts the focus on the control of this name, as tabbing to it does.
    ///
    /// # Panics
    /// When there is none, or several.
    #[track_caller]
    pub fn focus(&self, name: &str) {
        self.until(&format!("focus {name:?}"), async || {
            Ok(self.one("control", name).await?.focus().await?)
        });
    }

    /// Presses a key, wherever the focus is.
    ///
    /// # Panics
    /// When the browser does not take it.
    #[track_caller]
    pub fn press(&self, key: impl Into<char>) {
        let keys = self.browser.driver().action_chain();
        let pressed = wait_for(keys.send_keys(key.into()).perform());
        self.drive("press a key", pressed);
    }

    /// Presses a key while another one is held.
    ///
    /// # Panics
    /// As [`Part::press`].
    #[track_caller]
    pub fn press_with(&self, held: Key, key: impl Into<char>) {
        let keys = self.browser.driver().action_chain();
        let keys = keys
            .key_down(held.clone())
            .send_keys(key.into())
            .key_up(held);
        self.drive("press two keys", wait_for(keys.perform()));
    }

    /// Types a text, wherever the focus is.
    ///
    /// # Panics
    /// As [`Part::press`].
    #[track_caller]
    pub fn types(&self, text: &str) {
        let keys = self.browser.driver().action_chain();
        self.drive("type", wait_for(keys.send_keys(text).perform()));
    }

    /// Waits until this text is seen.
    ///
    /// # Panics
    /// When it is not.
    #[track_caller]
    pub fn sees(&self, text: &str) {
        self.until(&format!("see {text:?}"), async || {
            let seen = self.text_now().await?;
            expect(seen.contains(text), || self.said(&seen))
        });
    }

    /// Waits until this text is not seen any more. Where this part is not there, nothing is seen.
    ///
    /// # Panics
    /// When it still is.
    #[track_caller]
    pub fn does_not_see(&self, text: &str) {
        self.until(&format!("not see {text:?}"), async || {
            let seen = self.text_now().await?;
            expect(!seen.contains(text), || self.said(&seen))
        });
    }

    /// Waits until there is exactly one control of this name.
    ///
    /// # Panics
    /// When there is not.
    #[track_caller]
    pub fn offers(&self, name: &str) {
        self.until(&format!("offer {name:?}"), async || {
            self.one("control", name).await.map(|_| ())
        });
    }

    /// Waits until there is no control and no field of this name.
    ///
    /// # Panics
    /// When there still is.
    #[track_caller]
    pub fn does_not_offer(&self, name: &str) {
        self.until(&format!("not offer {name:?}"), async || {
            let controls = self.found("control", name).await?.len();
            let fields = self.found("field", name).await?.len();
            expect(controls + fields == 0, || "it is there".to_owned())
        });
    }

    /// Waits until the field of this name holds this; of a list its chosen entry, of a checkbox
    /// `on` or `off`.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn holds(&self, name: &str, value: &str) {
        self.until(&format!("{name:?} hold {value:?}"), async || {
            let held = self.look_for("value", name).await?;
            let held = held.as_str();
            expect(held == Some(value), || format!("it holds {held:?}"))
        });
    }

    /// Waits until the focus is on what has this name.
    ///
    /// # Panics
    /// When it is not.
    #[track_caller]
    pub fn has_focus_on(&self, name: &str) {
        self.until(&format!("have the focus on {name:?}"), async || {
            let focused = self.look_for("focus", "").await?;
            expect(focused == name, || format!("it is on {focused}"))
        });
    }

    /// Waits until the address is this path, with its query if it has one.
    ///
    /// # Panics
    /// When it is not.
    #[track_caller]
    pub fn is_at(&self, path: &str) {
        self.until(&format!("be at {path}"), async || {
            let url = self.browser.driver().current_url().await?;
            let at = path_of(&url);
            expect(at == path, || format!("it is at {at}"))
        });
    }

    /// The text that is seen in this part now.
    ///
    /// # Panics
    /// When the browser does not say.
    #[track_caller]
    pub fn text(&self) -> String {
        self.drive("read the page", wait_for(self.text_now()))
    }

    /// The value of an attribute of the control of this name; none without the attribute.
    ///
    /// # Panics
    /// When there is no such control, or several.
    #[track_caller]
    pub fn attribute(&self, name: &str, attribute: &str) -> Option<String> {
        self.until(&format!("read {attribute} of {name:?}"), async || {
            Ok(self.one("control", name).await?.attr(attribute).await?)
        })
    }

    /// Tries again and again, until it is done or the page has had its time.
    #[track_caller]
    pub(crate) fn until<T>(&self, wanted: &str, attempt: impl AsyncFn() -> Result<T, NotYet>) -> T {
        let outcome = wait_for(async {
            let end = Instant::now() + PATIENCE;
            let mut glances = interval(GLANCE);
            loop {
                glances.tick().await;
                match attempt().await {
                    Ok(value) => return Ok(value),
                    Err(problem) if Instant::now() >= end => return Err(problem),
                    Err(_) => (),
                }
            }
        });
        match outcome {
            Ok(value) => value,
            Err(NotYet::Because(problem)) => fail(&self.browser, &self.wanted(wanted), &problem),
            Err(NotYet::Driver(error)) => {
                fail(&self.browser, &self.wanted(wanted), &error.to_string())
            }
        }
    }

    /// Clicks, where the middle of the window is: what sticks to its edges is not in the way there.
    async fn click_in_the_middle(&self, element: &WebElement) -> Result<(), NotYet> {
        let middle = "arguments[0].scrollIntoView({ block: 'center' })";
        let driver = self.browser.driver();
        driver.execute(middle, vec![element.to_json()?]).await?;
        Ok(element.click().await?)
    }

    fn wanted(&self, wanted: &str) -> String {
        let places = self.path.iter().rev();
        let places = places.map(|(kind, name)| format!(", in the {kind} {name:?}"));
        format!("{wanted}{}", places.collect::<String>())
    }

    #[track_caller]
    fn drive<T>(&self, what: &str, done: WebDriverResult<T>) -> T {
        match done {
            Ok(value) => value,
            Err(error) => fail(&self.browser, &self.wanted(what), &error.to_string()),
        }
    }

    fn said(&self, seen: &str) -> String {
        if self.path.is_empty() {
            return "the page is as below".to_owned();
        }
        format!("it says {seen:?}")
    }

    async fn text_now(&self) -> WebDriverResult<String> {
        let text = self.look_for("text", "").await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    async fn one(&self, kind: &str, name: &str) -> Result<WebElement, NotYet> {
        let mut found = self.found(kind, name).await?;
        match (found.pop(), found.len()) {
            (Some(element), 0) => Ok(element),
            (None, _) => Err(NotYet::Because(format!("there is no {kind} of this name"))),
            (Some(_), others) => Err(NotYet::Because(format!(
                "there are {} of this name",
                others + 1
            ))),
        }
    }

    async fn found(&self, kind: &str, name: &str) -> WebDriverResult<Vec<WebElement>> {
        let driver = self.browser.driver();
        let found = driver.execute(include_str!("find.js"), self.sought(kind, name));
        found.await?.elements()
    }

    async fn look_for(&self, kind: &str, name: &str) -> WebDriverResult<Value> {
        let driver = self.browser.driver();
        let found = driver.execute(include_str!("find.js"), self.sought(kind, name));
        Ok(found.await?.json().clone())
    }

    fn sought(&self, kind: &str, name: &str) -> Vec<Value> {
        vec![json!(kind), json!(name), json!(self.path)]
    }
}

pub(crate) fn expect(is_so: bool, otherwise: impl FnOnce() -> String) -> Result<(), NotYet> {
    if is_so {
        return Ok(());
    }
    Err(NotYet::Because(otherwise()))
}

/// Chooses the entry of a list by its text.
async fn choose(list: &WebElement, text: &str) -> Result<(), NotYet> {
    let all = list.find_all(thirtyfour::By::Tag("option")).await?;
    for option in all {
        if option.text().await?.trim() == text {
            return Ok(option.click().await?);
        }
    }
    Err(NotYet::Because("the list has no such entry".to_owned()))
}
