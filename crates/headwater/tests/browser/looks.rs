//! How pages look and read: both schemes, narrow and wide, and what axe has to say.

use headwater_testbrowser::{Look, Window};

use crate::pages;
use crate::stage::{ADMIN, Stage};

/// Whatever is wrong with these pages in the light scheme, on a laptop and on a telephone.
fn problems(stage: &Stage, pages: &[(String, String)]) -> Vec<String> {
    let window = stage.window(ADMIN, Look::default());
    let mut problems = Vec::new();
    for (name, path) in pages {
        window.go(path);
        for found in window.axe() {
            problems.push(format!("{name} {path}: {found}"));
        }
        window.look(Look::default().narrow());
        for found in window.axe() {
            problems.push(format!("{name} {path} in a narrow window: {found}"));
        }
        if let Some(wide) = too_wide(&window) {
            problems.push(format!("{name} {path}: wider than the window: {wide}"));
        }
        window.look(Look::default());
    }
    problems
}

/// The first elements that make a page scroll sideways; none when it does not.
fn too_wide(window: &Window) -> Option<String> {
    let found = window.evaluate(
        "const width = document.documentElement.clientWidth;
         if (document.documentElement.scrollWidth <= width) return null;
         const wide = [...document.querySelectorAll('main *, header *, nav *')].filter((element) => {
           const sticksOut = element.checkVisibility() && element.getBoundingClientRect().right > width + 1;
           // What scrolls inside of a frame does not make the page wide.
           return sticksOut && !element.parentElement.closest('.side, .list-frame, .matrix-frame, .tabs');
         });
         return wide.slice(0, 3).map((element) => element.outerHTML.slice(0, 120)).join(' … ') || 'body'",
    );
    found.as_str().map(str::to_owned)
}

fn assert_none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn axe_finds_nothing_on_pages_of_records_wide_or_narrow() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let mut pages = pages::all(&stage);
    pages.retain(|(_, path)| !path.starts_with("/setup"));
    assert_none(&problems(&stage, &pages));
}

#[test]
fn axe_finds_nothing_on_pages_of_setup_wide_or_narrow() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let mut pages = pages::all(&stage);
    pages.retain(|(_, path)| path.starts_with("/setup"));
    assert_none(&problems(&stage, &pages));
}

#[test]
fn axe_finds_nothing_wrong_with_the_colours_of_the_dark_scheme() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let window = stage.window(ADMIN, Look::default().dark());
    let mut problems = Vec::new();
    for (name, path) in pages::all(&stage) {
        window.go(&path);
        // Nothing but colours depends on the scheme.
        for found in window.axe_of_colours() {
            problems.push(format!("{name} {path}: {found}"));
        }
    }
    assert_none(&problems);
}

#[test]
fn a_wide_window_is_filled_sensibly() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let look = Look {
        width: 2560,
        height: 1440,
        ..Look::default()
    };
    let window = stage.window(ADMIN, look);
    for (name, path) in pages::all(&stage) {
        window.go(&path);
        assert_eq!(too_wide(&window), None, "{name} {path}");
        // Lines of text that are too long to be read are not sensible.
        let longest = window.evaluate(
            "return Math.max(0, ...[...document.querySelectorAll('main p')]
               .filter((at) => at.checkVisibility())
               .map((at) => { const text = document.createRange(); text.selectNodeContents(at);
                 return text.getBoundingClientRect().width }))",
        );
        assert!(
            longest.as_f64().unwrap() < 1600.0,
            "{name} {path}: {longest}"
        );
    }
}

#[test]
fn the_scheme_can_be_chosen_against_the_system() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let window = stage.window(ADMIN, Look::default());
    let background = "return getComputedStyle(document.body).backgroundColor";
    let light = window.evaluate(background);
    window.look(Look::default().dark());
    let is_dark = format!("{background} !== {light}");
    window.until_evaluates(&is_dark, &true.into());
    window.go("/preferences");
    window.within("Theme").switch("Light", true);
    window.click("Save");
    window.sees("Saved.");
    window.until_evaluates(background, &light);
}
