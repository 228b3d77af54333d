//! The harness on pages that are known: what the browser tests rely on.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod site;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;

use headwater_testbrowser::{Key, Look, Window};

const PAGES: &[(&str, &str)] = &[
    (
        "/",
        r#"<!doctype html><html lang="en"><title>Start</title><meta name="viewport" content="width=device-width">
        <main><h1>Start</h1>
        <p id="scripted"></p>
        <section aria-label="Account">
          <form action="/seen"><label for="name">Name <span aria-hidden="true">*</span></label><input id="name" name="name" value="old">
          <label>Status <select name="status"><option>New</option><option value="w">Waiting</option></select></label>
          <label><input type="checkbox" name="vip"> Important</label>
          <button aria-label="Save it">S</button></form>
        </section>
        <section aria-label="Contact"><button type="button">Edit</button><p hidden>hidden words</p></section>
        <ul><li>First <button type="button" id="first">Open</button></li><li>Second <button type="button" id="second">Open</button></li></ul>
        <p id="said"></p>
        <button type="button" id="ask">Ask</button><button type="button" id="late">Later</button>
        <dialog aria-label="Sure?"><button type="button" id="close">Close</button></dialog>
        <script>
          const say = (text) => { document.getElementById('said').textContent = text };
          document.getElementById('scripted').textContent = 'script runs';
          document.getElementById('first').onclick = () => say('opened first');
          document.getElementById('second').onclick = () => say('opened second');
          document.getElementById('ask').onclick = () => document.querySelector('dialog').showModal();
          document.getElementById('close').onclick = () => document.querySelector('dialog').close();
          document.getElementById('late').onclick = () => setTimeout(() => say('came later'), 300);
          document.onkeydown = (event) => { if (event.ctrlKey && event.key === 'k') { event.preventDefault(); say('palette'); } };
        </script></main></html>"#,
    ),
    (
        "/seen",
        r#"<!doctype html><html lang="en"><title>Seen</title><main><h1>Thank you</h1></main></html>"#,
    ),
    (
        "/poor",
        r#"<!doctype html><html lang="en"><title>Poor</title><main><h1>Poor</h1><p style="color:#bbb;background:#fff">faint words</p><input></main></html>"#,
    ),
    (
        "/schemes",
        r#"<!doctype html><html lang="en"><title>Schemes</title><style>.dark{display:none}@media(prefers-color-scheme:dark){.dark{display:block}.light{display:none}}</style>
        <main><h1>Schemes</h1><p class="light">it is day</p><p class="dark">it is night</p></main></html>"#,
    ),
    (
        "/broken",
        r#"<!doctype html><html lang="en"><title>Broken</title><main><h1>Broken</h1></main><script>nowhere()</script></html>"#,
    ),
    (
        "/strict",
        r#"<!doctype html><html lang="en"><title>Strict</title><main><h1>Strict</h1><form action="/seen"><button>Go on</button></form></main></html>"#,
    ),
    (
        "/strict-broken",
        r#"<!doctype html><html lang="en"><title>Strict</title><main><h1>Strict</h1></main><script>document.title = 'ran'</script></html>"#,
    ),
];

/// A window at the start page.
fn start(look: Look) -> Option<Window> {
    let window = Window::open(&site::serve(PAGES), look)?;
    window.go("/");
    Some(window)
}

/// What the panic of this says; none when it does not panic.
fn complaint(work: impl FnOnce()) -> Option<String> {
    let panic = catch_unwind(AssertUnwindSafe(work)).err()?;
    Some(panic.downcast_ref::<String>().cloned().unwrap_or_default())
}

#[test]
fn fields_are_filled_and_controls_clicked_by_their_names() {
    let Some(window) = start(Look::default()) else {
        return;
    };
    window.holds("Name", "old");
    window.fill("Name", "Sam & Söhne");
    window.fill("Status", "Waiting");
    window.switch("Important", true);
    window.holds("Name", "Sam & Söhne");
    window.holds("Status", "Waiting");
    window.holds("Important", "on");
    window.within("Account").click("Save it");
    window.sees("Thank you");
    window.is_at("/seen?name=Sam+%26+S%C3%B6hne&status=w&vip=on");
    window.back();
    window.sees("Start");
}

#[test]
fn of_several_of_one_name_the_part_or_row_decides() {
    let Some(window) = start(Look::default()) else {
        return;
    };
    let problem = complaint(|| window.click("Open")).unwrap();
    assert!(problem.contains("there are 2 of this name"), "{problem}");
    assert!(problem.contains("Second Open"), "{problem}");
    let picture = problem.split("picture: ").nth(1).unwrap();
    let picture = picture.lines().next().unwrap();
    let bytes = std::fs::read(picture).unwrap();
    assert!(bytes.starts_with(b"\x89PNG"), "{picture}");
    window.row("Second").click("Open");
    window.sees("opened second");
    window.within("Contact").offers("Edit");
    window.within("Account").does_not_offer("Edit");
}

#[test]
fn what_is_hidden_is_not_seen_and_what_comes_late_is_waited_for() {
    let Some(window) = start(Look::default()) else {
        return;
    };
    window.does_not_see("hidden words");
    window.click("Later");
    window.sees("came later");
    let problem = complaint(|| window.sees("never there")).unwrap();
    assert!(problem.contains("see \"never there\""), "{problem}");
}

#[test]
fn a_dialog_hides_what_is_behind_it_and_keys_reach_the_page() {
    let Some(window) = start(Look::default()) else {
        return;
    };
    window.click("Ask");
    window.offers("Close");
    window.does_not_offer("Edit");
    window.press(Key::Escape);
    window.does_not_offer("Close");
    window.has_focus_on("Ask");
    window.press(Key::Tab);
    window.has_focus_on("Later");
    window.press_with(Key::Control, 'k');
    window.sees("palette");
}

#[test]
fn script_that_is_off_is_really_off() {
    let Some(with) = start(Look::default()) else {
        return;
    };
    with.sees("script runs");
    let without = start(Look::default().without_script()).unwrap();
    without.does_not_see("script runs");
    without.row("First").click("Open");
    without.does_not_see("opened first");
    without.fill("Name", "Sam");
    without.click("Save it");
    without.sees("Thank you");
    without.back();
    without.does_not_see("script runs");
}

#[test]
fn windows_are_as_they_are_asked_to_look() {
    let Some(window) = start(Look::default().narrow().dark()) else {
        return;
    };
    assert_eq!(window.evaluate("return innerWidth"), 360);
    window.go("/schemes");
    window.sees("it is night");
    window.does_not_see("it is day");
    window.look(Look::default());
    window.sees("it is day");
    assert_eq!(window.evaluate("return innerWidth"), 1280);
}

#[test]
fn windows_know_nothing_of_each_other() {
    let site = site::serve(PAGES);
    let Some(one) = Window::open(&site, Look::default()) else {
        return;
    };
    let other = Window::open(&site, Look::default()).unwrap();
    one.go("/");
    other.go("/");
    one.evaluate("document.cookie = 'who=one; path=/'; localStorage.who = 'one'");
    other.reload();
    assert_eq!(one.evaluate("return document.cookie"), "who=one");
    assert_eq!(other.evaluate("return document.cookie"), "");
    assert_eq!(other.evaluate("return localStorage.length"), 0);
}

#[test]
fn axe_finds_what_is_wrong_and_nothing_else() {
    let Some(window) = start(Look::default()) else {
        return;
    };
    window.is_accessible();
    window.go("/poor");
    let mut found: Vec<_> = window.axe().into_iter().map(|one| one.rule).collect();
    found.sort();
    assert_eq!(found, ["color-contrast", "label"]);
    let problem = complaint(|| window.is_accessible()).unwrap();
    assert!(problem.contains("color-contrast"), "{problem}");
}

#[test]
fn axe_runs_under_a_strict_policy_and_without_script() {
    let Some(window) = start(Look::default().without_script()) else {
        return;
    };
    window.go("/strict");
    window.is_accessible();
    window.go("/poor");
    assert_eq!(window.axe().len(), 2);
}

#[test]
fn errors_of_the_console_fail_the_test_at_its_end() {
    for (page, text) in [
        ("/broken", "nowhere is not defined"),
        ("/strict-broken", "Content Security Policy"),
        ("/missing", "404"),
    ] {
        let Some(window) = start(Look::default()) else {
            return;
        };
        window.go(page);
        let problem = complaint(|| drop(window)).unwrap();
        assert!(problem.contains(text), "{page}: {problem}");
    }
}

#[test]
fn announced_errors_have_to_come() {
    let Some(window) = start(Look::default()) else {
        return;
    };
    window.expect_error("404");
    window.go("/missing");
    drop(window);
    let window = start(Look::default()).unwrap();
    window.expect_error("404");
    let problem = complaint(|| drop(window)).unwrap();
    assert!(problem.contains("was to say"), "{problem}");
}

/// What is left of a test process that is killed while it has a window open.
#[cfg(target_os = "linux")]
#[test]
fn browsers_end_with_the_process_however_it_ends() {
    const INSIDE: &str = "HEADWATER_TEST_HARNESS_INSIDE";
    if std::env::var_os(INSIDE).is_some() {
        let window = start(Look::default()).unwrap();
        let profile = window.evaluate("return navigator.userAgent");
        assert!(profile.is_string());
        std::process::abort();
    }
    if !headwater_testbrowser::is_to_be_had() {
        return;
    }
    let temporary = tempfile::tempdir().unwrap();
    let killed = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "browsers_end_with_the_process_however_it_ends",
            "--nocapture",
        ])
        .env(INSIDE, "1")
        .env("TMPDIR", temporary.path())
        .output()
        .unwrap();
    assert!(!killed.status.success());
    let marker = temporary.path().to_str().unwrap();
    let end = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while running(marker)
        || std::fs::read_dir(temporary.path())
            .unwrap()
            .next()
            .is_some()
    {
        assert!(std::time::Instant::now() < end, "browsers are left over");
        std::thread::yield_now();
    }
}

/// Whether a process has this in its command line: browsers name their profile there.
#[cfg(target_os = "linux")]
fn running(marker: &str) -> bool {
    let processes = std::fs::read_dir("/proc").unwrap();
    let lines =
        processes.filter_map(|entry| std::fs::read(entry.ok()?.path().join("cmdline")).ok());
    let mut lines = lines.map(|line| String::from_utf8_lossy(&line).into_owned());
    lines.any(|line| line.contains(marker))
}
