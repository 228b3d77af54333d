//! Pictures of the main pages: `story/screenshots` keeps them, and here they are taken to see that
//! they can be.

use std::path::{Path, PathBuf};

use headwater_testbrowser::{Look, Scheme};

use crate::stage::{ADMIN, Stage};

/// The variable that names the directory in which pictures are kept.
const KEPT: &str = "HEADWATER_SCREENSHOTS";

/// Bytes of the largest picture that a README should have to load.
const BYTES_MAX: u64 = 400_000;

fn looks() -> [(&'static str, Look); 4] {
    let desktop = Look {
        height: 860,
        ..Look::default()
    };
    let narrow = Look::default().narrow();
    [
        ("light", desktop),
        ("dark", desktop.dark()),
        ("narrow-light", narrow),
        ("narrow-dark", narrow.dark()),
    ]
}

fn pages(stage: &Stage) -> Vec<(&'static str, String)> {
    let jordan = stage
        .admin
        .id("SELECT Id FROM MessagingEndUser WHERE Name = 'Jordan Avery'");
    let sample = stage
        .admin
        .id("SELECT Id FROM Account WHERE Name = 'Sample'");
    let profile = stage.admin.id(
        "SELECT Id FROM PermissionSet WHERE IsOwnedByProfile = true \
         AND Profile.Name = 'Support Agent'",
    );
    let session = stage.session();
    let id = session.rsplit('/').next().unwrap().to_owned();
    vec![
        ("sessions", "/o/MessagingSession".to_owned()),
        ("session", session),
        ("messaging-user", format!("/r/MessagingEndUser/{jordan}")),
        ("relink", format!("/relink?user={jordan}")),
        ("account", format!("/r/Account/{sample}")),
        ("account-edit", format!("/r/Account/{sample}/edit")),
        ("dashboard", "/dashboard".to_owned()),
        ("setup", "/setup".to_owned()),
        (
            "field-matrix",
            format!("/setup/permission-sets/{profile}/MessagingSession"),
        ),
        (
            "access",
            format!("/setup/access?user=viewer@headwater.example&record={id}"),
        ),
    ]
}

#[test]
fn the_main_pages_are_photographed_in_both_schemes_and_both_sizes() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let passing = tempfile::tempdir().unwrap();
    let kept = std::env::var_os(KEPT).map(PathBuf::from);
    let directory = kept.as_deref().unwrap_or(passing.path());
    std::fs::create_dir_all(directory).unwrap();
    for (look_name, look) in looks() {
        let window = stage.window(ADMIN, look);
        for (name, path) in pages(&stage) {
            window.go(&path);
            take(
                &window,
                look,
                &directory.join(format!("{name}-{look_name}.png")),
            );
        }
        // What opens on a page.
        window.go(&stage.session());
        window.click("Messaging User Account: why is it locked?");
        window
            .within("Why Messaging User Account is locked")
            .sees("comes from");
        take(
            &window,
            look,
            &directory.join(format!("lock-{look_name}.png")),
        );
    }
}

fn take(window: &headwater_testbrowser::Window, look: Look, path: &Path) {
    window.screenshot(path);
    let picture = std::fs::read(path).unwrap();
    let size = |at: usize| u32::from_be_bytes(picture[at..at + 4].try_into().unwrap());
    assert_eq!(
        (size(16), size(20)),
        (look.width, look.height),
        "{}",
        path.display()
    );
    assert!(
        picture.len() as u64 <= BYTES_MAX,
        "{}: {}",
        path.display(),
        picture.len()
    );
    // A page that is not there yet is a plain surface, which takes next to nothing.
    let least = if look.scheme == Scheme::Light {
        5_000
    } else {
        4_000
    };
    assert!(
        picture.len() > least,
        "{}: {}",
        path.display(),
        picture.len()
    );
}
