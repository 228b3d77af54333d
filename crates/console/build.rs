//! Bundles the console's script and style into one file each, which the crate embeds.
//!
//! The tools and libraries come from npm by the lock file, into the build directory alone. On a
//! machine without Node, or without a way to npm's registry, the console is built all the same: its
//! style is then put together here, and it has no script. With `HEADWATER_DEMAND_SCRIPT=1` the build
//! fails instead.

use std::collections::hash_map::DefaultHasher;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the bundle is made from. A change of anything else costs nothing.
const SOURCES: [&str; 5] = [
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "script",
    "style",
];

/// What decides what npm installs.
const PACKAGES: [&str; 2] = ["package.json", "package-lock.json"];

const DEMAND: &str = "HEADWATER_DEMAND_SCRIPT";

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let crate_directory = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    // Each profile has its own, so that builds of two of them do not meet.
    let work = PathBuf::from(std::env::var("OUT_DIR")?).join("web");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={DEMAND}");
    for source in SOURCES {
        println!("cargo::rerun-if-changed={source}");
    }
    copy_sources(&crate_directory, &work)?;
    let script = work.join("console.js");
    let style = work.join("console.css");
    let emoji = work.join("emoji.js");
    if let Err(failure) = bundle(&work) {
        let is_demanded = std::env::var_os(DEMAND).is_some_and(|demand| demand == "1");
        // Where the tools run, it is the sources that are wrong.
        if is_demanded || tools_run(&work) {
            return Err(format!("the console's script cannot be bundled: {failure}").into());
        }
        warn(&failure.to_string());
        fs::write(&script, "")?;
        fs::write(&emoji, "")?;
        fs::write(&style, in_one(&work.join("style"), "console.css")?)?;
    }
    embed("SCRIPT", &script)?;
    embed("STYLE", &style)?;
    embed("EMOJI", &emoji)?;
    let icon = crate_directory.join("src").join("icon.svg");
    println!("cargo::rerun-if-changed={}", icon.display());
    embed("ICON", &icon)
}

/// Puts what is bundled where it may be written beside, without what was there before.
fn copy_sources(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::create_dir_all(to)?;
    for source in SOURCES {
        let (from, to) = (from.join(source), to.join(source));
        if from.is_dir() {
            if to.exists() {
                fs::remove_dir_all(&to)?;
            }
            fs::create_dir_all(&to)?;
            for entry in fs::read_dir(&from)? {
                let entry = entry?;
                fs::copy(entry.path(), to.join(entry.file_name()))?;
            }
        } else {
            fs::copy(&from, &to).map_err(|error| format!("{}: {error}", from.display()))?;
        }
    }
    Ok(())
}

/// Checks the types and bundles, with tools that are installed first where that is needed.
fn bundle(work: &Path) -> Result<(), Failure> {
    install(work)?;
    npm(work, &["run", "--silent", "build"])?;
    add_licenses(work)
}

/// Installs what the lock file names, unless exactly that is there already.
fn install(work: &Path) -> Result<(), Failure> {
    let stamp = work.join("node_modules").join(".installed");
    let mut wanted = String::new();
    for file in PACKAGES {
        wanted += &fs::read_to_string(work.join(file))?;
    }
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    // No package's own scripts are run. What npm has in its cache is not asked for again, so that a
    // second profile builds without a network; where there is none, nobody waits long to be told.
    npm(
        work,
        &[
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--prefer-offline",
            "--fetch-retry-mintimeout=500",
            "--fetch-retry-maxtimeout=5000",
        ],
    )?;
    fs::write(stamp, wanted)?;
    Ok(())
}

/// Whether the tools are there, and are for this kind of machine.
fn tools_run(work: &Path) -> bool {
    let mut tools = ["esbuild", "tsc"].into_iter();
    tools.all(|tool| npm(work, &["exec", "--no", "--", tool, "--version"]).is_ok())
}

fn npm(work: &Path, arguments: &[&str]) -> Result<String, Failure> {
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let run = Command::new(program)
        .args(arguments)
        .current_dir(work)
        .output();
    let run = run.map_err(|error| format!("npm does not start: {error}"))?;
    let said = String::from_utf8_lossy(&run.stdout).into_owned();
    if run.status.success() {
        return Ok(said);
    }
    let complaint = String::from_utf8_lossy(&run.stderr);
    Err(format!("npm {} failed:\n{said}{complaint}", arguments.join(" ")).into())
}

/// The licenses of what is in the script travel with it.
fn add_licenses(work: &Path) -> Result<(), Failure> {
    let script = work.join("console.js");
    let mut bundled = fs::read_to_string(&script)?;
    let packages = npm(work, &["ls", "--omit=dev", "--parseable"])?;
    // The first line is the console itself.
    for package in packages.lines().skip(1) {
        let license = fs::read_to_string(Path::new(package).join("LICENSE"))?;
        let license = license.trim().replace("*/", "* /");
        // Nothing of the path before it, which is of this machine.
        let parts = package.rsplit_once("node_modules");
        let name = parts.map_or("", |(_, name)| name).replace('\\', "/");
        let name = name.trim_start_matches('/');
        writeln!(bundled, "/*! {name}\n{license}\n*/")?;
    }
    fs::write(script, bundled)?;
    Ok(())
}

/// Says what the console will lack, and what to do about it.
fn warn(failure: &str) {
    println!(
        "cargo::warning=THE CONSOLE IS BUILT WITHOUT ITS SCRIPT: it has links and forms, but no"
    );
    println!(
        "cargo::warning=live updates, type-ahead, dialogs and keys. To have them, install Node.js 20 or"
    );
    println!("cargo::warning=newer with npm, be online once, and build again with {DEMAND}=1.");
    for line in failure
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(12)
    {
        println!("cargo::warning=  {line}");
    }
}

/// A style sheet with those that it imports in their places, each in its layer if it has one.
fn in_one(directory: &Path, file: &str) -> Result<String, Failure> {
    let path = directory.join(file);
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut whole = String::new();
    for line in text.lines() {
        let Some(import) = line.trim().strip_prefix("@import") else {
            whole += line;
            whole.push('\n');
            continue;
        };
        let mut parts = import.split(['"', '\'']).skip(1);
        let name = parts.next().ok_or_else(|| format!("{file}: {line}"))?;
        let inner = in_one(directory, name.trim_start_matches("./"))?;
        let rest = parts
            .next()
            .unwrap_or_default()
            .trim()
            .trim_end_matches(';')
            .trim();
        let layer = rest
            .strip_prefix("layer(")
            .and_then(|rest| rest.strip_suffix(')'));
        match layer {
            Some(layer) => writeln!(whole, "@layer {layer} {{\n{inner}}}")?,
            None if rest.is_empty() => whole += &inner,
            None => {
                return Err(format!("{file}: only layer(…) may follow an import: {line}").into());
            }
        }
    }
    Ok(whole)
}

/// Tells `src/assets.rs` where a file is, and a hash of what is in it for its address.
fn embed(name: &str, file: &Path) -> Result<(), Failure> {
    let mut hasher = DefaultHasher::new();
    fs::read(file)?.hash(&mut hasher);
    println!("cargo::rustc-env=HEADWATER_{name}_FILE={}", file.display());
    println!(
        "cargo::rustc-env=HEADWATER_{name}_HASH={:016x}",
        hasher.finish()
    );
    Ok(())
}
