//! A window: a browser of its own.

use std::ops::Deref;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use thirtyfour::error::{WebDriverError, WebDriverErrorInner, WebDriverResult};
use thirtyfour::{BrowserLogEntry, By, Capabilities, WebDriver};
use url::Url;

use crate::driver::{Driver, driver};
use crate::failure::fail;
use crate::look::Look;
use crate::part::{Part, expect};
use crate::presence::is_to_be_had;
use crate::runtime::wait_for;

/// How often and how long a page is asked whether it knows how it is looked at.
const GLANCE: Duration = Duration::from_millis(20);
const GLANCES_MAX: u32 = 100;

/// How often a picture is tried; the driver waits for each.
const SCREENSHOTS_MAX: u32 = 3;

/// A browser with a profile of its own, looking at one site. What is on its page is found, used and
/// read through [`Part`], which a window is as a whole.
#[derive(Debug)]
pub struct Window {
    page: Part,
}

/// What a window and its parts have in common.
#[derive(Debug)]
pub(crate) struct Browser {
    /// None once it has been closed.
    driver: Option<WebDriver>,
    site: String,
    /// Whether pages may run script.
    script: bool,
    log: Mutex<Vec<BrowserLogEntry>>,
    expected: Mutex<Vec<String>>,
    // Beside those of the other windows; removed after the browser.
    _profile: tempfile::TempDir,
}

impl Window {
    /// Opens one on a site, given without a slash at the end; it shows nothing yet. None when
    /// tests in a browser are to be skipped.
    ///
    /// # Panics
    /// When the browser does not start, or there is none and it is demanded.
    #[track_caller]
    pub fn open(site: &str, look: Look) -> Option<Self> {
        if !is_to_be_had() {
            return None;
        }
        let browser = wait_for(Browser::start(driver(), site, look));
        let browser = Arc::new(browser.expect("a browser starts"));
        Some(Self {
            page: Part::whole(browser),
        })
    }

    /// Goes to a path of the site, as if it was typed into the address bar, and waits until the
    /// page is loaded.
    ///
    /// # Panics
    /// When it does not load.
    #[track_caller]
    pub fn go(&self, path: &str) {
        let browser = self.browser();
        let url = format!("{}{path}", browser.site);
        if let Err(error) = wait_for(browser.driver().goto(url)) {
            fail(browser, &format!("go to {path}"), &error.to_string());
        }
    }

    /// Loads the page again.
    ///
    /// # Panics
    /// When it does not load.
    #[track_caller]
    pub fn reload(&self) {
        self.drive("reload", wait_for(self.browser().driver().refresh()));
    }

    /// Goes back, as with the browser's button.
    ///
    /// # Panics
    /// When it does not load.
    #[track_caller]
    pub fn back(&self) {
        self.drive("go back", wait_for(self.browser().driver().back()));
    }

    /// Path and query of the page that is shown.
    ///
    /// # Panics
    /// When the browser does not say.
    #[track_caller]
    pub fn path(&self) -> String {
        let url = wait_for(self.browser().driver().current_url());
        path_of(&self.drive("read the address", url))
    }

    /// Announces an error of the console, by a part of its text: a request that is to be refused is
    /// one. It has to come until the window is closed.
    pub fn expect_error(&self, text: &str) {
        let mut expected = locked(&self.browser().expected);
        expected.push(text.to_owned());
    }

    /// Saves a picture of what the window shows.
    ///
    /// # Panics
    /// When it cannot be taken or written.
    #[track_caller]
    pub fn screenshot(&self, path: &Path) {
        let driver = self.browser().driver();
        // A page that has just taken another's place is not always to be photographed yet: the
        // driver then waits for a picture that does not come, and the next one does.
        let taken = wait_for(async {
            let mut taken = driver.screenshot(path).await;
            for _ in 1..SCREENSHOTS_MAX {
                if taken.as_ref().is_err_and(is_timeout) {
                    taken = driver.screenshot(path).await;
                }
            }
            taken
        });
        self.drive("take a picture", taken);
    }

    /// Runs script in the page, with whatever it returns. For what a person sees without words,
    /// such as places and colours; script that is switched off for pages runs here all the same.
    ///
    /// # Panics
    /// When it throws.
    #[track_caller]
    pub fn evaluate(&self, script: &str) -> Value {
        let value = wait_for(self.browser().driver().execute(script, Vec::new()));
        let value = self.drive("run script in the page", value);
        value.json().clone()
    }

    /// Waits until script in the page returns this.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn until_evaluates(&self, script: &str, wanted: &Value) {
        self.until(&format!("{script} be {wanted}"), async || {
            let value = self.browser().driver().execute(script, Vec::new()).await?;
            let value = value.json();
            expect(value == wanted, || format!("it is {value}"))
        });
    }

    /// Clicks what a selector of CSS finds first, where no name tells it apart.
    ///
    /// # Panics
    /// When it finds nothing.
    #[track_caller]
    pub fn click_on(&self, selector: &str) {
        self.until(&format!("click on {selector}"), async || {
            let driver = self.browser().driver();
            Ok(driver.find(By::Css(selector)).await?.click().await?)
        });
    }

    /// Changes the window's size and what its person prefers. Script stays as it is.
    ///
    /// # Panics
    /// When the browser refuses.
    #[track_caller]
    pub fn look(&self, look: Look) {
        self.drive("look otherwise", wait_for(self.browser().look(look)));
    }

    #[track_caller]
    pub(crate) fn drive<T>(&self, what: &str, done: WebDriverResult<T>) -> T {
        match done {
            Ok(value) => value,
            Err(error) => fail(self.browser(), what, &error.to_string()),
        }
    }
}

impl Deref for Window {
    type Target = Part;

    fn deref(&self) -> &Part {
        &self.page
    }
}

impl Drop for Window {
    /// Closes it. What was logged and not announced fails the test, as does what was announced and
    /// not logged.
    fn drop(&mut self) {
        let browser = self.page.browser();
        let logged = browser.log();
        let expected = locked(&browser.expected).clone();
        let is_expected = |entry: &&BrowserLogEntry| {
            let mut texts = expected.iter();
            texts.any(|text| entry.message.contains(&**text))
        };
        let errors = logged.iter().filter(|entry| is_error(entry));
        let surprising: Vec<_> = errors.filter(|entry| !is_expected(entry)).collect();
        let mut texts = expected.iter();
        let missing =
            texts.find(|text| !logged.iter().any(|entry| entry.message.contains(&***text)));
        if std::thread::panicking() {
            return;
        }
        assert!(
            surprising.is_empty(),
            "the browser's console says: {surprising:#?}"
        );
        if let Some(missing) = missing {
            panic!("the browser's console was to say {missing:?}; it says {logged:#?}");
        }
    }
}

/// What no page of ours may log. Pages of the browser's own, such as the empty one it begins with,
/// log what they like.
fn is_error(entry: &BrowserLogEntry) -> bool {
    let text = entry.message.to_lowercase();
    if text.starts_with("chrome://") {
        return false;
    }
    entry.level == "SEVERE"
        || entry.source.as_deref() == Some("security")
        || text.contains("content security policy")
        || text.contains("content-security-policy")
}

impl Browser {
    async fn start(driver: &Driver, site: &str, look: Look) -> WebDriverResult<Self> {
        let profile = tempfile::Builder::new()
            .prefix("profile-")
            .tempdir_in(&driver.directory)?;
        let capabilities = driver.capabilities(profile.path());
        let browser = Self {
            driver: Some(connect(&driver.url, capabilities).await?),
            site: site.to_owned(),
            script: look.script,
            log: Mutex::default(),
            expected: Mutex::default(),
            _profile: profile,
        };
        browser.look(look).await?;
        browser.let_run(false).await?;
        Ok(browser)
    }

    /// Lets script run, if it is not switched off or for `once`.
    pub(crate) async fn let_run(&self, once: bool) -> WebDriverResult<()> {
        let off = json!({ "value": !(self.script || once) });
        self.tell("Emulation.setScriptExecutionDisabled", off).await
    }

    pub(crate) fn driver(&self) -> &WebDriver {
        self.driver.as_ref().expect("it is taken when dropped")
    }

    /// Comes back when the page knows.
    async fn look(&self, look: Look) -> WebDriverResult<()> {
        // A window cannot be made as narrow as a telephone; what the page takes for it can.
        let size = json!({
            "width": look.width, "height": look.height, "deviceScaleFactor": 1, "mobile": false,
        });
        self.tell("Emulation.setDeviceMetricsOverride", size)
            .await?;
        let preferences = json!({ "features": [
            { "name": "prefers-color-scheme", "value": look.scheme.name() },
            // What moves is looked at while it moves.
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ] });
        self.tell("Emulation.setEmulatedMedia", preferences).await?;
        let knows = format!(
            "return innerWidth === {} && matchMedia('(prefers-color-scheme: {})').matches",
            look.width,
            look.scheme.name()
        );
        let mut glances = tokio::time::interval(GLANCE);
        // A page that never does is seen by the test, not here.
        for _ in 0..GLANCES_MAX {
            glances.tick().await;
            let answer = self.driver().execute(knows.as_str(), Vec::new()).await?;
            if answer.json() == true {
                break;
            }
        }
        Ok(())
    }

    async fn tell(&self, command: &str, parameters: Value) -> WebDriverResult<()> {
        let development = self.driver().cdp();
        development.send_raw(command, parameters).await?;
        Ok(())
    }

    /// All that the console was told since the window was opened.
    pub(crate) fn log(&self) -> Vec<BrowserLogEntry> {
        // A browser that has gone has nothing to add.
        let new = wait_for(self.driver().browser_log()).unwrap_or_default();
        let mut log = locked(&self.log);
        log.extend(new);
        log.clone()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(driver) = self.driver.take() {
            // One that does not close ends with the process.
            let _ = wait_for(driver.quit());
        }
    }
}

async fn connect(url: &str, capabilities: Capabilities) -> WebDriverResult<WebDriver> {
    // The driver is on this machine; a proxy is for others.
    let client = reqwest::Client::builder().no_proxy().build();
    let client = client.map_err(|error| WebDriverError::FatalError(error.to_string()))?;
    WebDriver::builder(url, capabilities).client(client).await
}

/// An address without its site.
pub(crate) fn path_of(url: &Url) -> String {
    let query = url.query().map(|query| format!("?{query}"));
    format!("{}{}", url.path(), query.unwrap_or_default())
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_timeout(error: &WebDriverError) -> bool {
    matches!(error.as_inner(), WebDriverErrorInner::WebDriverTimeout(_))
}
