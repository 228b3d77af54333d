//! Headwater: a record system for messaging that speaks Salesforce's APIs.

/// A request allocates some dozens of small things and frees them at once, a write on another thread
/// than they came from: what the system's allocator did for that was up to a tenth of all time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    headwater::run()
}
