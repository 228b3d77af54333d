//! A scanner of files that finds what the test says, for what the doors make of it. That files are sent to
//! ClamAV as it wants them is tested on the binary, with ClamAV.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use headwater_records::{FileScanner, NotScanned, Org, Scanned, Scanning};

/// Finds [`TestScanner::VIRUS`] in files, or is away.
#[derive(Debug, Default)]
pub struct TestScanner {
    is_away: AtomicBool,
}

impl TestScanner {
    /// What a file must hold for it.
    pub const VIRUS: &str = "a virus";

    /// What it calls that.
    pub const NAME: &str = "Test.Virus-1";

    /// Most bytes that it looks at.
    pub const BYTES_MAX: usize = 1_000;

    /// Has an org's files looked at.
    pub fn watch(org: &Org) -> Arc<Self> {
        let scanner = Arc::new(Self::default());
        org.scan_files_with(Arc::clone(&scanner) as _);
        scanner
    }

    /// It is not there from now on, or is there again.
    pub fn is_away(&self, is_away: bool) {
        self.is_away.store(is_away, Ordering::SeqCst);
    }
}

impl FileScanner for TestScanner {
    fn bytes_max(&self) -> usize {
        Self::BYTES_MAX
    }

    fn scan<'a>(&'a self, bytes: &'a [u8]) -> Scanning<'a> {
        Box::pin(async move {
            if self.is_away.load(Ordering::SeqCst) {
                return Err(NotScanned("it is away".to_owned()));
            }
            let mut places = bytes.windows(Self::VIRUS.len());
            if places.any(|place| place == Self::VIRUS.as_bytes()) {
                return Ok(Scanned::Infected(Self::NAME.to_owned()));
            }
            Ok(Scanned::Clean)
        })
    }
}
