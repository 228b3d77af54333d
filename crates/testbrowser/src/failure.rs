//! What a test is told when a page is not as it expects.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::runtime::wait_for;
use crate::window::Browser;

/// How much of a page's text is told.
const TEXT_CHARACTERS_MAX: usize = 3_000;

/// Ends the test, with what was wanted, what the page said instead, and where a picture lies.
#[track_caller]
pub(crate) fn fail(browser: &Browser, wanted: &str, problem: &str) -> ! {
    let driver = browser.driver();
    let (url, text, picture) = wait_for(async {
        let url = driver.current_url().await.map(String::from);
        let text = driver
            .execute("return document.body.innerText", Vec::new())
            .await
            .and_then(|text| text.convert::<String>());
        let picture = driver.screenshot_as_png().await;
        (url, text, picture)
    });
    let picture = match picture {
        Ok(bytes) => save(&bytes).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    let picture = match picture {
        Ok(path) => path.display().to_string(),
        Err(error) => format!("none: {error}"),
    };
    let text = text.unwrap_or_else(|error| error.to_string());
    let shown: String = text.chars().take(TEXT_CHARACTERS_MAX).collect();
    let logged = browser.log();
    panic!(
        "{wanted}: {problem}\n  at {}\n  picture: {picture}\n  console: {logged:?}\n--- the page\n{shown}\n---",
        url.unwrap_or_default(),
    );
}

fn save(picture: &[u8]) -> std::io::Result<PathBuf> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let directory = own_directory()?.join("failures");
    std::fs::create_dir_all(&directory)?;
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("test").replace("::", "-");
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let path = directory.join(format!("{test}-{number}.png"));
    std::fs::write(&path, picture)?;
    Ok(path)
}

/// A directory of ours among what is built.
pub(crate) fn own_directory() -> std::io::Result<PathBuf> {
    let binary = std::env::current_exe()?;
    // Tests lie in `deps`, examples in `examples`; the profile's directory holds both.
    let profile = binary.parent().and_then(|directory| directory.parent());
    let directory = profile.unwrap_or(&binary).join("testbrowser");
    std::fs::create_dir_all(&directory)?;
    Ok(directory)
}
