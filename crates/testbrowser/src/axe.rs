//! What axe-core has to say about the accessibility of a page.

use std::fmt;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::{Value, json};
use thirtyfour::error::WebDriverResult;

use crate::failure::own_directory;
use crate::presence::program;
use crate::runtime::wait_for;
use crate::window::Window;

/// What npm is told to install, and what is in it.
const PACKAGE: [(&str, &str); 3] = [
    ("package.json", include_str!("../axe/package.json")),
    (
        "package-lock.json",
        include_str!("../axe/package-lock.json"),
    ),
    (".npmrc", include_str!("../axe/.npmrc")),
];

/// Runs axe in the page, with the rules of WCAG 2.2 AA and its own advice.
const CHECK: &str = r"
    const done = arguments[arguments.length - 1];
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const rules = arguments[0] ? { type: 'rule', values: arguments[0] } : tags;
    axe.run(document, { runOnly: rules, resultTypes: ['violations'] }).then(
        ({ violations }) => done({ violations }),
        (error) => done({ error: String(error) }),
    );
";

/// A rule that a page breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The name of the rule, such as `color-contrast`.
    pub rule: String,
    /// What the rule asks for.
    pub help: String,
    /// The elements that break it, each with how.
    pub places: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.rule, self.help)?;
        for place in &self.places {
            write!(formatter, "\n    {place}")?;
        }
        Ok(())
    }
}

impl Window {
    /// What axe finds wrong with the page as it is now.
    ///
    /// # Panics
    /// When axe is not installed and cannot be, or does not run in the page.
    #[track_caller]
    pub fn axe(&self) -> Vec<Violation> {
        self.axe_with(None)
    }

    /// What axe finds wrong with the colours alone: all that another scheme changes.
    ///
    /// # Panics
    /// As [`Window::axe`].
    #[track_caller]
    pub fn axe_of_colours(&self) -> Vec<Violation> {
        self.axe_with(Some(&["color-contrast", "link-in-text-block"]))
    }

    #[track_caller]
    fn axe_with(&self, rules: Option<&[&str]>) -> Vec<Violation> {
        let found = self.drive("check the page with axe", wait_for(self.check(rules)));
        if let Some(error) = found["error"].as_str() {
            panic!("axe does not run: {error}");
        }
        let violations = found["violations"].as_array();
        let violations = violations.expect("axe gives a list of violations");
        violations.iter().map(violation).collect()
    }

    /// Fails when axe finds anything.
    ///
    /// # Panics
    /// With what it found.
    #[track_caller]
    pub fn is_accessible(&self) {
        let violations = self.axe();
        let listed = violations.iter().map(|found| format!("\n  {found}"));
        assert!(
            violations.is_empty(),
            "axe finds at {}:{}",
            self.path(),
            listed.collect::<String>()
        );
    }

    async fn check(&self, rules: Option<&[&str]>) -> WebDriverResult<Value> {
        // Axe waits for nothing that runs while script is off. What the page has loaded without
        // script is not run afterwards.
        self.browser().let_run(true).await?;
        let found = self.check_with_script(rules).await;
        self.browser().let_run(false).await?;
        found
    }

    async fn check_with_script(&self, rules: Option<&[&str]>) -> WebDriverResult<Value> {
        let driver = self.browser().driver();
        let is_there = driver
            .execute("return typeof axe === 'object'", Vec::new())
            .await?;
        if is_there.json() != &Value::Bool(true) {
            driver.execute(source(), Vec::new()).await?;
        }
        let found = driver.execute_async(CHECK, vec![json!(rules)]).await?;
        Ok(found.json().clone())
    }
}

fn violation(found: &Value) -> Violation {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let nodes = found["nodes"].as_array();
    let places = nodes.into_iter().flatten().map(|node| {
        let html: String = text(&node["html"]).chars().take(200).collect();
        let how = text(&node["failureSummary"]).replace('\n', " ");
        format!("{}  {html}  {how}", node["target"])
    });
    Violation {
        rule: text(&found["id"]),
        help: text(&found["help"]),
        places: places.collect(),
    }
}

/// The script of axe.
fn source() -> &'static str {
    static SOURCE: OnceLock<String> = OnceLock::new();
    SOURCE.get_or_init(|| match installed() {
        Ok(source) => source,
        Err(problem) => panic!("axe-core is not to be had: {problem}"),
    })
}

/// Installs it among what is built, unless exactly this version is there.
fn installed() -> std::io::Result<String> {
    let directory = own_directory()?.join("axe");
    fs::create_dir_all(&directory)?;
    // Test binaries run at the same time; the second waits for the first.
    let lock = File::create(directory.join("lock"))?;
    lock.lock()?;
    let script = directory.join("node_modules/axe-core/axe.min.js");
    let is_same = |(name, content): &(&str, &str)| {
        fs::read_to_string(directory.join(name)).is_ok_and(|there| there == *content)
    };
    if !(script.is_file() && PACKAGE.iter().all(is_same)) {
        for (name, content) in PACKAGE {
            fs::write(directory.join(name), content)?;
        }
        install(&directory)?;
    }
    fs::read_to_string(script)
}

fn install(directory: &Path) -> std::io::Result<()> {
    let npm = program("npm").ok_or_else(|| std::io::Error::other("npm is missing"))?;
    let run = Command::new(npm)
        .args([
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--prefer-offline",
        ])
        .current_dir(directory)
        .stdin(Stdio::null())
        .output()?;
    if run.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    Err(std::io::Error::other(format!("npm ci: {said}")))
}
