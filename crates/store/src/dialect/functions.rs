//! What PostgreSQL does not bring along, made with the first table; for SQLite it is
//! [`crate::sqlite::functions`]. Both give the same for the same.

/// The statements. Each function is written into the statements that call it, so that an index on
/// one serves them, and none looks at the time, the zone or the language of a connection.
pub(super) const MAKE: &[&str] = &[FOLD, DAY, DATE_PART];

/// Texts compare without case as their folded forms do byte by byte. Each character is folded by
/// itself: a sigma at the end of a word is no other one.
const FOLD: &str = r#"CREATE OR REPLACE FUNCTION headwater_fold(text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT lower(replace($1, 'Σ', 'σ') COLLATE "und-x-icu") COLLATE "C" $$"#;

/// The day, since 1970, of an instant in microseconds, so many seconds east of Greenwich.
const DAY: &str = "CREATE OR REPLACE FUNCTION headwater_day(bigint, bigint) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT floor(($1 + $2 * 1000000)::numeric / 86400000000)::integer $$";

/// A part of an instant there.
const DATE_PART: &str =
    "CREATE OR REPLACE FUNCTION headwater_date_part(text, bigint, bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE $1
WHEN 'hour' THEN mod(mod($2 + $3 * 1000000, 86400000000) + 86400000000, 86400000000) / 3600000000
WHEN 'weekday' THEN extract(dow FROM date '1970-01-01' + headwater_day($2, $3))::bigint + 1
WHEN 'yearday' THEN extract(doy FROM date '1970-01-01' + headwater_day($2, $3))::bigint
WHEN 'monthweek' THEN (extract(day FROM date '1970-01-01' + headwater_day($2, $3))::bigint - 1) / 7 + 1
WHEN 'yearweek' THEN (extract(doy FROM date '1970-01-01' + headwater_day($2, $3))::bigint - 1) / 7 + 1
WHEN 'day' THEN extract(day FROM date '1970-01-01' + headwater_day($2, $3))::bigint
WHEN 'month' THEN extract(month FROM date '1970-01-01' + headwater_day($2, $3))::bigint
WHEN 'quarter' THEN extract(quarter FROM date '1970-01-01' + headwater_day($2, $3))::bigint
WHEN 'year' THEN extract(year FROM date '1970-01-01' + headwater_day($2, $3))::bigint
END $$";
