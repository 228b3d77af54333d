//! Signing in and out, and what is done against those who would sign somebody else in.

use headwater_testbrowser::Look;

use crate::stage::{AGENT, PASSWORD, Stage};

#[test]
fn a_wrong_password_is_told_and_a_right_one_leads_where_one_wanted() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let window = stage.stranger(Look::default());
    window.go("/o/Account?view=all");
    window.is_at("/login?to=%2Fo%2FAccount%3Fview%3Dall");
    window.is_accessible();
    window.fill("Username", AGENT);
    window.fill("Password", "wrong");
    window.expect_error("403");
    window.click("Sign in");
    window.sees("do not fit together");
    window.is_accessible();
    window.fill("Password", PASSWORD);
    window.click("Sign in");
    window.is_at("/o/Account?view=all");
    window.sees("Sample");
}

#[test]
fn signing_out_ends_the_session_in_every_window_of_it() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let window = stage.window(AGENT, Look::default());
    window.click("Menu of Sasha Lindqvist");
    window.click("Sign out");
    window.is_at("/login");
    window.go("/o/Account");
    window.sees("Sign in");
}

#[test]
fn the_way_back_leads_nowhere_else() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let window = stage.stranger(Look::default());
    window.go("/login?to=//elsewhere.example/");
    window.fill("Username", AGENT);
    window.fill("Password", PASSWORD);
    window.click("Sign in");
    window.sees("All open");
    assert!(window.path().starts_with("/o/MessagingSession"));
}

#[test]
fn a_session_that_was_planted_before_is_not_the_one_that_signs_in() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let window = stage.stranger(Look::default());
    window.go("/login");
    window.evaluate("document.cookie = 'headwater-session=planted; path=/'");
    window.fill("Username", AGENT);
    window.fill("Password", PASSWORD);
    window.click("Sign in");
    window.sees("All open");
    // Script cannot read the session, so what it can read is not one.
    let readable = window.evaluate("return document.cookie");
    assert!(
        !readable.as_str().unwrap().contains("session"),
        "{readable}"
    );
}
