//! Passwords: slow to guess, hashed away from the async workers, a bounded number at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::password_hash::phc::{Ident, Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::error::LoginError;
use super::settings::LoginSettings;
use crate::clock::Randomness;
use crate::error::Error;

/// Hashes and checks passwords.
#[derive(Debug)]
pub(super) struct Passwords {
    argon2: Arc<Argon2<'static>>,
    at_once: Semaphore,
    waiting: AtomicUsize,
    waiting_max: usize,
    /// What an unknown user's password is checked against, so that the answer takes as long as a
    /// known user's.
    nobody: Arc<str>,
}

/// A place among the passwords hashed at the same time. Whoever counts failures takes it before
/// reading the count, so that a burst of guesses cannot all be checked against the same count.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    passwords: &'a Passwords,
    _permit: SemaphorePermit<'a>,
}

impl Passwords {
    pub(super) fn new(
        settings: &LoginSettings,
        randomness: &dyn Randomness,
    ) -> Result<Self, Error> {
        let params = Params::new(
            settings.password_hash_memory_kib,
            settings.password_hash_passes,
            1,
            None,
        )
        .map_err(internal)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = unusable_hash(&argon2, randomness)?;
        Ok(Self {
            argon2: Arc::new(argon2),
            at_once: Semaphore::new(settings.password_hashes_at_once_max),
            waiting: AtomicUsize::new(0),
            waiting_max: settings.password_hashes_waiting_max,
            nobody: nobody.into(),
        })
    }

    /// Waits for a place; busy when too many wait already.
    pub(super) async fn turn(&self) -> Result<Turn<'_>, LoginError> {
        let waiting = self.waiting.fetch_add(1, Ordering::Relaxed);
        let _leave = Leave(&self.waiting);
        if waiting >= self.waiting_max {
            return Err(LoginError::Busy);
        }
        let permit = self.at_once.acquire().await;
        Ok(Turn {
            passwords: self,
            _permit: permit.map_err(|_| LoginError::Busy)?,
        })
    }
}

impl Turn<'_> {
    /// What the database keeps of a password.
    pub(super) async fn hash(
        self,
        password: &str,
        randomness: &dyn Randomness,
    ) -> Result<String, LoginError> {
        let mut salt = [0; 16];
        randomness.fill(&mut salt);
        let argon2 = Arc::clone(&self.passwords.argon2);
        let password = password.to_owned();
        blocking(move || hash(&argon2, password.as_bytes(), &salt)).await?
    }

    /// Whether the password is the one of the hash. Without a hash the same work is done and the
    /// answer is no.
    pub(super) async fn verify(
        &self,
        password: &str,
        hash: Option<&str>,
    ) -> Result<bool, LoginError> {
        let known = hash.is_some();
        let hash: Arc<str> = hash.map_or_else(|| Arc::clone(&self.passwords.nobody), Arc::from);
        let password = password.to_owned();
        let fits = blocking(move || fits(password.as_bytes(), &hash)).await??;
        Ok(known && fits)
    }
}

/// Leaves the queue also when the waiting request is dropped.
struct Leave<'a>(&'a AtomicUsize);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn hash(argon2: &Argon2<'_>, password: &[u8], salt: &[u8]) -> Result<String, LoginError> {
    let output = output(argon2, password, salt)?;
    Ok(written(argon2, salt, &output)?)
}

/// Whether a password is the one of a hash, at the cost the hash was made at.
fn fits(password: &[u8], hash: &str) -> Result<bool, Error> {
    let hash = PasswordHash::new(hash).map_err(internal)?;
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).map_err(internal)?;
    let version = hash.version.map(Version::try_from).transpose();
    let version = version.map_err(internal)?.unwrap_or_default();
    let params = Params::try_from(&hash).map_err(internal)?;
    let (Some(salt), Some(expected)) = (&hash.salt, &hash.hash) else {
        return Ok(false);
    };
    let argon2 = Argon2::new(algorithm, version, params);
    let output = output(&argon2, password, salt)?;
    // Compares in constant time.
    Ok(Output::new(&output).map_err(internal)? == *expected)
}

/// Bytes of a hash.
const OUTPUT_BYTES: usize = 32;

/// Allocations of this size go back to the system when they are freed. glibc keeps smaller ones for
/// the thread that made them once one as large has been freed: 16 logins left 300 MiB behind.
const GIVEN_BACK_BYTES: usize = 33 << 20;

fn output(argon2: &Argon2<'_>, password: &[u8], salt: &[u8]) -> Result<[u8; OUTPUT_BYTES], Error> {
    let blocks = argon2.params().block_count();
    // What is beyond the blocks is never touched, and so takes no memory.
    let mut memory = Vec::with_capacity(blocks.max(GIVEN_BACK_BYTES / Block::SIZE));
    memory.resize(blocks, Block::default());
    let mut output = [0; OUTPUT_BYTES];
    argon2
        .hash_password_into_with_memory(password, salt, &mut output, &mut memory)
        .map_err(internal)?;
    Ok(output)
}

/// A hash of the right cost whose output is random: no password fits it, and making it costs
/// nothing at the start of the server.
fn unusable_hash(argon2: &Argon2<'_>, randomness: &dyn Randomness) -> Result<String, Error> {
    let mut bytes = [0; 16 + OUTPUT_BYTES];
    randomness.fill(&mut bytes);
    let (salt, output) = bytes.split_at(16);
    written(argon2, salt, output)
}

/// A hash as the database keeps it, with everything that checking a password against it takes.
fn written(argon2: &Argon2<'_>, salt: &[u8], output: &[u8]) -> Result<String, Error> {
    let hash = PasswordHash {
        algorithm: Ident::new("argon2id").map_err(internal)?,
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(argon2.params()).map_err(internal)?,
        salt: Some(Salt::new(salt).map_err(internal)?),
        hash: Some(Output::new(output).map_err(internal)?),
    };
    Ok(hash.to_string())
}

fn internal(error: impl std::fmt::Display) -> Error {
    Error::internal(error.to_string())
}

/// Hashing takes tens of milliseconds of computing, which would hold up every other request of an
/// async worker.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, LoginError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::internal(error).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemRandomness;

    fn passwords(at_once: usize, waiting: usize) -> Passwords {
        let settings = LoginSettings {
            password_hash_memory_kib: 64,
            password_hash_passes: 1,
            password_hashes_at_once_max: at_once,
            password_hashes_waiting_max: waiting,
            ..LoginSettings::default()
        };
        Passwords::new(&settings, &SystemRandomness).unwrap()
    }

    #[tokio::test]
    async fn a_password_fits_its_own_hash_and_no_other() {
        let passwords = passwords(1, 8);
        let turn = passwords.turn().await.unwrap();
        let hash = turn.hash("correct horse", &SystemRandomness).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{hash}");
        let turn = passwords.turn().await.unwrap();
        assert!(turn.verify("correct horse", Some(&hash)).await.unwrap());
        assert!(!turn.verify("correct horsf", Some(&hash)).await.unwrap());
        assert!(!turn.verify("", Some(&hash)).await.unwrap());
    }

    #[tokio::test]
    async fn the_same_password_hashes_differently_each_time() {
        let passwords = passwords(1, 8);
        let one = passwords
            .turn()
            .await
            .unwrap()
            .hash("x", &SystemRandomness)
            .await
            .unwrap();
        let other = passwords
            .turn()
            .await
            .unwrap()
            .hash("x", &SystemRandomness)
            .await
            .unwrap();
        assert_ne!(one, other);
    }

    #[tokio::test]
    async fn nobody_is_checked_at_the_same_cost_and_refused() {
        let passwords = passwords(1, 8);
        let turn = passwords.turn().await.unwrap();
        let hash = PasswordHash::new(&passwords.nobody).unwrap();
        assert_eq!(
            Params::try_from(&hash).unwrap().m_cost(),
            passwords.argon2.params().m_cost()
        );
        assert!(!turn.verify("anything", None).await.unwrap());
    }

    #[tokio::test]
    async fn more_than_the_queue_holds_are_turned_away() {
        let passwords = passwords(1, 1);
        let turn = passwords.turn().await.unwrap();
        let waits = passwords.turn();
        tokio::pin!(waits);
        assert!(futures_poll(waits.as_mut()).await.is_none());
        assert!(matches!(passwords.turn().await, Err(LoginError::Busy)));
        drop(turn);
        assert!(waits.await.is_ok());
        assert_eq!(passwords.waiting.load(Ordering::Relaxed), 0);
    }

    /// Polls once: what is ready now, else nothing.
    async fn futures_poll<F: Future + Unpin>(mut future: F) -> Option<F::Output> {
        std::future::poll_fn(|context| {
            std::task::Poll::Ready(match std::pin::Pin::new(&mut future).poll(context) {
                std::task::Poll::Ready(output) => Some(output),
                std::task::Poll::Pending => None,
            })
        })
        .await
    }
}
