//! Headwater: a record system for messaging that speaks Salesforce's APIs.

fn main() -> std::process::ExitCode {
    headwater::run()
}
