//! What PostgreSQL does not bring along, made with the first table; for SQLite it is
//! [`crate::sqlite::functions`]. Both give the same for the same.

/// The names and the statements. Each function is written into the statements that call it, so that an index on
/// one serves them, and none looks at the time, the zone or the language of a connection.
pub(super) const MAKE: &[(&str, &str)] = &[
    ("headwater_fold", FOLD),
    ("headwater_day", DAY),
    ("headwater_date_part", DATE_PART),
    ("headwater_offset", OFFSET),
    ("headwater_distance", DISTANCE),
    ("headwater_sum", SUM),
    ("headwater_total", TOTAL),
    ("headwater_average", AVERAGE),
    ("headwater_lesser", LESSER),
    ("headwater_greater", GREATER),
    ("headwater_least", LEAST),
    ("headwater_greatest", GREATEST),
];

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

/// How many seconds east of Greenwich a zone's clocks are at an instant.
const OFFSET: &str = "CREATE OR REPLACE FUNCTION headwater_offset(text, bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT extract(epoch FROM timezone($1, to_timestamp(floor($2::numeric / 1000000)::double precision)))::bigint
- floor($2::numeric / 1000000)::bigint $$";

/// How far two places are apart by the haversine formula, in millionths: latitude and longitude of
/// the one with what to divide them by, those of the other times 10 to the 15, and the radius.
const DISTANCE: &str =
    "CREATE OR REPLACE FUNCTION headwater_distance(bigint, bigint, bigint, bigint, bigint, bigint, bigint)
RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT round(2.0::double precision * $7::double precision * asin(sqrt(least(1.0::double precision,
north * north + cos(there) * cos(here) * (east * east)))))::bigint
FROM (SELECT here, there, sin((here - there) / 2.0::double precision) AS north,
sin((radians($3::double precision / $4::double precision)
- radians($6::double precision / 1000000000000000::double precision)) / 2.0::double precision) AS east
FROM (SELECT radians($1::double precision / $2::double precision) AS here,
radians($5::double precision / 1000000000000000::double precision) AS there) AS places) AS sines $$";

const SUM: &str = "CREATE OR REPLACE FUNCTION headwater_sum(numeric) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT least(greatest($1, -9223372036854775808), 9223372036854775807)::bigint $$";

const TOTAL: &str = "CREATE OR REPLACE FUNCTION headwater_total(numeric, bigint)
RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT $1::double precision / $2::double precision $$";

const AVERAGE: &str = "CREATE OR REPLACE FUNCTION headwater_average(numeric, bigint, bigint)
RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT $1::double precision / $2::double precision / $3::double precision $$";

const LESSER: &str = r#"CREATE OR REPLACE FUNCTION headwater_lesser(text, text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT CASE WHEN (headwater_fold($1) COLLATE "C", $1 COLLATE "C")
<= (headwater_fold($2) COLLATE "C", $2 COLLATE "C") THEN $1 ELSE $2 END $$"#;

const GREATER: &str = r#"CREATE OR REPLACE FUNCTION headwater_greater(text, text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT CASE WHEN (headwater_fold($1) COLLATE "C", $1 COLLATE "C")
>= (headwater_fold($2) COLLATE "C", $2 COLLATE "C") THEN $1 ELSE $2 END $$"#;

const LEAST: &str = "CREATE OR REPLACE AGGREGATE headwater_least(text)
(SFUNC = headwater_lesser, STYPE = text, COMBINEFUNC = headwater_lesser, PARALLEL = SAFE)";

const GREATEST: &str = "CREATE OR REPLACE AGGREGATE headwater_greatest(text)
(SFUNC = headwater_greater, STYPE = text, COMBINEFUNC = headwater_greater, PARALLEL = SAFE)";
