//! (d) A relink of a Messaging User with 1, 1,000 and 100,000 sessions: it must not matter.

use std::time::Instant;

use anyhow::Result;
use headwater_catalogue::Id;
use headwater_records::Org;
use headwater_records::relink::{Change, RelinkRequest};

use crate::median;
use crate::table::{Table, Target};
use crate::world::{self, World};

const RELINKS: usize = 200;
const SIZES: [u32; 3] = [1, 1_000, 100_000];

pub fn relinks(table: &mut Table) -> Result<()> {
    let World {
        org,
        file,
        directory,
    } = world::build()?;
    // The rows are made behind the store's back, so it must not be looking.
    org.store().close();
    drop(org);
    for (place, size) in SIZES.iter().enumerate() {
        world::give_sessions(
            &file,
            user(place),
            2_000_000 + place as u32 * 200_000,
            *size,
        )?;
    }
    let org = world::open(&file)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let mut times = vec![Vec::new(); SIZES.len()];
    // The three take turns, so that a slow moment of the disk hits all of them.
    for turn in 0..RELINKS {
        for (place, times) in times.iter_mut().enumerate() {
            let account = world::id("001", 100 + (turn % 2) as u32);
            let began = Instant::now();
            runtime.block_on(relink(&org, place, account))?;
            times.push(began.elapsed().as_secs_f64());
        }
    }
    drop(directory);
    let middle: Vec<f64> = times.into_iter().map(median).collect();
    for (place, size) in SIZES.iter().enumerate().skip(1) {
        table.line(
            &format!("relink of a user with {size} sessions against one with 1"),
            format!("{:.2} ms", middle[place] * 1e3),
            format!("{:.2} ms", middle[0] * 1e3),
            middle[place] / middle[0],
            Target::AtMost(1.3),
        );
    }
    Ok(())
}

async fn relink(org: &Org, place: usize, account: Id) -> Result<()> {
    let request = RelinkRequest {
        messaging_users: vec![user(place).to_string()],
        account: Change::Set(account.to_string()),
        ..RelinkRequest::default()
    };
    org.relink(&org.system(), request).await?;
    Ok(())
}

fn user(place: usize) -> Id {
    world::id("0PA", 50_000 + place as u32)
}
