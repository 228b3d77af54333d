//! Headwater: a record system for messaging that speaks Salesforce's APIs.

/// A request allocates some dozens of small things and frees them at once, a write on another thread
/// than they came from. And the 19 MB that a password's hash takes go back to the system at once.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    headwater::run()
}
