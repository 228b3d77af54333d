//! Every limit on logging in, named, with its default.

use super::attempts::AttemptLimits;

/// How hard passwords are to guess from their hashes, how long tokens live, when a user is locked
/// out. A limit ends with its unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginSettings {
    /// Memory that hashing one password takes. With `password_hash_passes`, OWASP's minimum for
    /// Argon2id; a database that leaks must cost its thief dearly for each guess.
    pub password_hash_memory_kib: u32,
    /// Passes over that memory.
    pub password_hash_passes: u32,
    /// Passwords hashed at the same time; more wait. Bounds the memory a burst of logins takes.
    pub password_hashes_at_once_max: usize,
    /// Logins waiting for a hash; more are turned away as busy.
    pub password_hashes_waiting_max: usize,
    /// The shortest password that can be set.
    pub password_characters_min: usize,
    /// The longest password looked at: hashing a megabyte would be work without a purpose.
    pub password_bytes_max: usize,
    /// How often somebody may try to log in.
    pub attempts: AttemptLimits,
    /// Wrong passwords in a row before a user is locked out.
    pub failed_logins_max: i64,
    /// How long the lock-out lasts.
    pub lock_out_seconds: i64,
    /// An access token unused for so long is over.
    pub session_idle_seconds_max: i64,
    /// An access token is over so long after it was made, used or not.
    pub session_seconds_max: i64,
    /// A refresh token unused for so long is over.
    pub refresh_token_idle_seconds_max: i64,
    /// An authorization code, or a link that logs in, must be used within this.
    pub authorization_code_seconds_max: i64,
    /// A session known to this process is believed for so long before the database is asked again.
    /// A revocation by another process counts after this at the latest; one by this process at
    /// once.
    pub session_recheck_seconds: i64,
    /// The time of last use is written at most so often.
    pub session_use_written_seconds: i64,
    /// Sessions kept in memory; more are read from the database each time.
    pub sessions_cached_max: usize,
    /// Expired tokens removed at a time.
    pub expired_tokens_swept_max: u64,
    /// Expired tokens are looked for at most so often.
    pub expired_tokens_sweep_seconds: i64,
}

impl Default for LoginSettings {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            password_hash_memory_kib: 19 * 1024,
            password_hash_passes: 2,
            password_hashes_at_once_max: cores.clamp(1, 8),
            password_hashes_waiting_max: 256,
            password_characters_min: 8,
            password_bytes_max: 1024,
            attempts: AttemptLimits::default(),
            failed_logins_max: 10,
            lock_out_seconds: 15 * 60,
            session_idle_seconds_max: 2 * 3600,
            session_seconds_max: 24 * 3600,
            refresh_token_idle_seconds_max: 180 * 24 * 3600,
            authorization_code_seconds_max: 10 * 60,
            session_recheck_seconds: 5,
            session_use_written_seconds: 60,
            sessions_cached_max: 50_000,
            expired_tokens_swept_max: 200,
            expired_tokens_sweep_seconds: 10 * 60,
        }
    }
}
