//! The runtime on which this process talks to its browsers. Tests are not asynchronous: they do one
//! thing after another, as a person does.

use std::sync::LazyLock;

use tokio::runtime::{Builder, Runtime};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    // Other crates of the workspace let the HTTP client know TLS, which then wants a provider even
    // where nothing is encrypted. One that is there already serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime")
});

/// Waits for this.
pub(crate) fn wait_for<T>(work: impl Future<Output = T>) -> T {
    RUNTIME.block_on(work)
}
