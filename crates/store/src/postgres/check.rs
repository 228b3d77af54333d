//! Whether a database is one to use: asked before anything is written to it.

use tokio_postgres::Client;

use super::address::Address;
use crate::error::StoreError;

/// The layout of what is not described by the catalogue. A newer one is refused, an older one
/// would be brought up by a numbered step.
pub(super) const LAYOUT: i32 = 2;

/// The oldest server that has all we ask for: `pg_current_xact_id`.
const VERSION_MIN: i32 = 130_000;

const ASK: &str = "SELECT current_setting('server_version_num')::int4, \
     current_setting('server_encoding'), pg_is_in_recovery(), current_schema()::text, \
     COALESCE(has_schema_privilege(current_schema(), 'CREATE'), FALSE), \
     EXISTS (SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = current_schema() \
             AND tablename = '_headwater_setting'), \
     EXISTS (SELECT 1 FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n \
             ON n.oid = c.relnamespace WHERE n.nspname = current_schema() \
             AND c.relkind IN ('r', 'v', 'm', 'p', 'f'))";

/// Refuses a database that we cannot or should not use, and says what to do. Whether our tables are
/// there.
pub(super) async fn check(client: &Client, address: &Address) -> Result<bool, StoreError> {
    let failed = |error: tokio_postgres::Error| address.unusable(&error);
    let problem = |problem: String| {
        let address = address.shown().to_owned();
        Err::<bool, _>(StoreError::Unusable { address, problem })
    };
    let row = client.query_one(ASK, &[]).await.map_err(failed)?;
    let version: i32 = row.try_get(0).map_err(failed)?;
    let encoding: &str = row.try_get(1).map_err(failed)?;
    let standby: bool = row.try_get(2).map_err(failed)?;
    let schema: Option<&str> = row.try_get(3).map_err(failed)?;
    let may_create: bool = row.try_get(4).map_err(failed)?;
    let (ours, filled): (bool, bool) = (
        row.try_get(5).map_err(failed)?,
        row.try_get(6).map_err(failed)?,
    );
    if version < VERSION_MIN {
        let major = version / 10_000;
        return problem(format!(
            "the server is PostgreSQL {major}, and 13 is the oldest that will do; use a newer one"
        ));
    }
    if encoding != "UTF8" {
        return problem(format!(
            "the database's encoding is {encoding}, which cannot hold every text; make one with: \
             createdb --encoding=UTF8 --template=template0 NAME"
        ));
    }
    if standby {
        return problem(
            "the server is a standby and takes no writes; name the primary, or add \
             target_session_attrs=read-write and all hosts to the address"
                .to_owned(),
        );
    }
    let Some(schema) = schema else {
        return problem(
            "the user's search_path names no schema that is there; make one, or set the path"
                .to_owned(),
        );
    };
    if !ours && filled {
        return Err(StoreError::ForeignDatabase {
            address: address.shown().to_owned(),
            schema: schema.to_owned(),
        });
    }
    if !may_create {
        return problem(format!(
            "the user may not create tables in schema {schema:?}; grant it: \
             GRANT USAGE, CREATE ON SCHEMA {schema:?} TO the user"
        ));
    }
    if ours {
        let text = "SELECT \"value\" FROM \"_headwater_setting\" WHERE \"name\" = 'layout'";
        let layout = client.query_opt(text, &[]).await.map_err(failed)?;
        let layout = layout.and_then(|row| row.try_get::<_, String>(0).ok());
        let found = layout.and_then(|layout| layout.parse().ok());
        let found = found.unwrap_or(LAYOUT);
        if found > LAYOUT {
            let known = LAYOUT;
            return Err(StoreError::Newer { found, known });
        }
    }
    Ok(ours)
}
