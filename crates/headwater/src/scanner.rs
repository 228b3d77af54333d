//! Who looks for viruses in files, as `[files]` says: ClamAV's daemon, which is sent the bytes.

use std::fmt::{self, Display};
use std::io;
use std::time::Duration;

use headwater_records::{FileScanner, NotScanned, Scanned, Scanning};
use tokio::sync::Semaphore;

use crate::configuration::{Configuration, Scanner, ScannerAddress};
use crate::failure::{Failure, Outcome};

/// Files that are sent to it at once; the others wait. Its own default is to look at ten, and to let few
/// more connections wait.
const SCANS_MAX: usize = 8;

/// Bytes that are sent at a time.
const PIECE_BYTES: usize = 64 * 1024;

/// The file that scanners are tried out with: harmless, and each of them calls it a virus. In two parts, so
/// that none of them does so of this program.
const TRIAL: [&str; 2] = [
    r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-",
    "ANTIVIRUS-TEST-FILE!$H+H*",
];

/// ClamAV's daemon.
pub struct Clamd {
    address: ScannerAddress,
    time_max: Duration,
    bytes_max: usize,
    places: Semaphore,
}

impl fmt::Debug for Clamd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clamd").field(&self.address).finish()
    }
}

/// The scanner that is configured; none if none is.
pub fn of(configuration: &Configuration) -> Option<Clamd> {
    let files = &configuration.files;
    match (files.scanner, &files.scanner_address) {
        (Scanner::Clamd, Some(address)) => Some(Clamd {
            address: address.clone(),
            time_max: Duration::from_secs(files.scanner_seconds_max),
            bytes_max: files.scanner_bytes_max,
            places: Semaphore::new(SCANS_MAX),
        }),
        (Scanner::None | Scanner::Clamd, _) => None,
    }
}

impl FileScanner for Clamd {
    fn bytes_max(&self) -> usize {
        self.bytes_max
    }

    fn scan<'a>(&'a self, bytes: &'a [u8]) -> Scanning<'a> {
        Box::pin(async move {
            // It is never closed. The time counts from here: a place comes free when others' time is over.
            let _place = self
                .places
                .acquire()
                .await
                .map_err(|error| self.away(error))?;
            let asked = tokio::time::timeout(self.time_max, self.ask(bytes)).await;
            let took_too_long = |_| self.away(format_args!("no answer in {:?}", self.time_max));
            let answer = asked.map_err(took_too_long)?;
            let answer = answer.map_err(|error| self.away(what_happened(&error)))?;
            read(&answer).ok_or_else(|| {
                let answer = String::from_utf8_lossy(&answer);
                self.away(format_args!(
                    "it answered {:?}",
                    answer.trim_end_matches('\0')
                ))
            })
        })
    }
}

impl Clamd {
    async fn ask(&self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        use clamav_client::tokio::scan_buffer;
        match &self.address {
            ScannerAddress::Tcp(host_address) => {
                let address = clamav_client::tokio::Tcp { host_address };
                scan_buffer(bytes, address, Some(PIECE_BYTES)).await
            }
            #[cfg(unix)]
            ScannerAddress::Unix(socket_path) => {
                let address = clamav_client::tokio::Socket { socket_path };
                scan_buffer(bytes, address, Some(PIECE_BYTES)).await
            }
            #[cfg(not(unix))]
            ScannerAddress::Unix(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    fn away(&self, why: impl Display) -> NotScanned {
        NotScanned(format!("the scanner at {}: {why}", self.address))
    }

    /// Where it is, in words.
    pub fn described(&self) -> String {
        format!("clamd at {}", self.address)
    }

    /// Sends what every scanner calls a virus, and a harmless file as large as it is to look at.
    ///
    /// # Errors
    /// When it does not answer, or not as it should.
    pub async fn try_out(&self) -> Outcome {
        let failed = |error: NotScanned| Failure::broken(error.to_string());
        let trial = TRIAL.concat();
        if self.scan(trial.as_bytes()).await.map_err(failed)? == Scanned::Clean {
            return Err(Failure::broken(
                "the scanner does not find the EICAR test file: has it any signatures?",
            ));
        }
        let harmless = vec![0; self.bytes_max];
        match self.scan(&harmless).await.map_err(failed)? {
            Scanned::Clean => Ok(()),
            Scanned::Infected(found) => Err(Failure::broken(format!(
                "the scanner finds {found} in {} zeros",
                self.bytes_max
            ))),
        }
    }
}

/// It hangs up on whoever sends more than it takes.
fn what_happened(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => format!(
            "it hung up while it was sent a file ({error}): StreamMaxLength in clamd.conf must not be \
             less than files.scanner_bytes_max"
        ),
        _ => error.to_string(),
    }
}

/// What its answer says: `stream: OK`, `stream: NAME FOUND`, or something else, which is no finding.
fn read(answer: &[u8]) -> Option<Scanned> {
    let answer = str::from_utf8(answer).ok()?;
    let said = answer
        .trim_end_matches(['\0', '\n'])
        .strip_prefix("stream: ")?;
    if said == "OK" {
        return Some(Scanned::Clean);
    }
    let found = said.strip_suffix(" FOUND")?;
    Some(Scanned::Infected(found.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{Scanned, read};

    #[test]
    fn only_what_is_called_clean_is_clean() {
        assert_eq!(read(b"stream: OK\0"), Some(Scanned::Clean));
        let found = Scanned::Infected("Win.Test.EICAR_HDB-1".to_owned());
        assert_eq!(read(b"stream: Win.Test.EICAR_HDB-1 FOUND\0"), Some(found));
        for other in [
            &b""[..],
            b"stream: ",
            b"stream: NOT OK",
            b"OK\0",
            b"INSTREAM size limit exceeded. ERROR\0",
            b"stream: Can't allocate memory ERROR\0",
            b"\xff",
        ] {
            assert_eq!(read(other), None, "{other:?}");
        }
    }
}
