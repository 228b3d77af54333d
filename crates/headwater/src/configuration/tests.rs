//! Layers, problems and secrets.

use super::*;

fn load(toml: &str) -> Outcome<Configuration> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("headwater.toml");
    std::fs::write(&path, toml).unwrap();
    let common = Common {
        config: Some(path),
        data: None,
        database: None,
        json: false,
    };
    Configuration::load(&common, &Serve::default())
}

#[test]
fn the_default_file_alone_is_a_whole_configuration() {
    let configuration = load("").unwrap();
    assert_eq!(
        configuration.server.listen,
        Some("127.0.0.1:8080".parse().unwrap())
    );
    assert_eq!(configuration.server.public_url, None);
}

#[test]
fn every_number_of_the_default_file_has_a_range_and_fits_it() {
    for (key, value) in load("").unwrap().shown {
        if value.parse::<u64>().is_ok() {
            let (section, name) = key.split_once('.').unwrap();
            let set = |number: &str| load(&format!("[{section}]\n{name} = {number}\n"));
            let shown = set(&value).unwrap().shown;
            assert!(shown.contains(&(key.clone(), value)), "{key} is not taken");
            assert!(set("-1").is_err(), "{key} is negative");
            let of_any_size = set("0").is_ok() && set(&i64::MAX.to_string()).is_ok();
            assert!(!of_any_size, "{key} takes any number");
        }
    }
}

#[test]
fn all_problems_are_reported_together_with_their_layer() {
    let failure = load(
        "[server]\nlisten = \"nowhere\"\nlisten_port = 1\n[log]\nformat = \"loud\"\n\
         [limits]\nbody_bytes_max = \"big\"\n[colour]\nred = true\n[tls]\nkey = \"k.pem\"\n",
    )
    .unwrap_err();
    assert_eq!(failure.kind(), Kind::Configuration);
    let text = failure.to_string();
    for expected in [
        "server.listen must be an address",
        "there is no key server.listen_port; did you mean listen?",
        "log.format must be auto, human or json",
        "limits.body_bytes_max must be a number",
        "there is no section colour",
        "tls.certificate and tls.key must be given together",
        "headwater.toml: ",
    ] {
        assert!(text.contains(expected), "{expected} is not in:\n{text}");
    }
}

#[test]
fn a_flag_overrides_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("h.toml");
    std::fs::write(&path, "[server]\nlisten = \"127.0.0.1:1\"\n").unwrap();
    let common = Common {
        config: Some(path),
        data: Some("elsewhere".into()),
        database: None,
        json: false,
    };
    let serve = Serve {
        listen: Some("127.0.0.1:2".parse().unwrap()),
        ..Serve::default()
    };
    let configuration = Configuration::load(&common, &serve).unwrap();
    assert_eq!(
        configuration.server.listen,
        Some("127.0.0.1:2".parse().unwrap())
    );
    assert_eq!(configuration.data.directory, PathBuf::from("elsewhere"));
}

#[test]
fn a_secret_is_never_printed() {
    let configuration = load("[demo]\npassword = \"correct horse\"\n").unwrap();
    let all = format!("{:?}", configuration.shown);
    assert!(!all.contains("horse"), "{all}");
    assert!(all.contains("********"));
}

#[test]
fn the_address_of_a_database_is_never_printed_with_what_is_wrong_or_what_is_right_about_it() {
    let right = load("[database]\nurl = \"postgres://h:sesame@db.example/crm\"\n").unwrap();
    let all = format!("{right:?}");
    assert!(!all.contains("sesame"), "{all}");
    assert!(all.contains("(\"database.url\", \"********\")"), "{all}");
    for wrong in ["mysql://h:sesame@db.example/crm", "sesame"] {
        let failure = load(&format!("[database]\nurl = {wrong:?}\n")).unwrap_err();
        let text = failure.to_string();
        assert!(
            text.contains("database.url must look like postgres://"),
            "{text}"
        );
        assert!(!text.contains("sesame"), "{text}");
    }
}

#[test]
fn a_number_where_a_text_is_meant_becomes_the_text() {
    let configuration = load("[demo]\npassword = 12345\n").unwrap();
    assert_eq!(configuration.demo.password.as_deref(), Some("12345"));
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let common = Common {
        config: Some("no-such-file.toml".into()),
        data: None,
        database: None,
        json: false,
    };
    let failure = Configuration::load(&common, &Serve::default()).unwrap_err();
    assert!(failure.to_string().contains("no-such-file.toml"));
}
