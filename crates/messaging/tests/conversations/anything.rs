//! Customers, agents, carriers and clocks do anything in any order, nodes and servers end in the middle of
//! what they do, and nobody who waits is lost.
//!
//! Each run prints its seed when it fails. `HEADWATER_TEST_CONVERSATIONS` says how many runs are made
//! beside the fixed ones.

mod chronicle;
mod dice;
mod steps;
mod wrongs;

use std::time::Duration;

use dice::{Dice, seeds};
use steps::Play;
use tokio::task::JoinSet;

/// Steps of one run.
const STEPS: usize = 120;

/// How often it is looked whether all has come to rest.
const LOOKS: usize = 120;

/// How many runs are made at once.
const AT_ONCE: usize = 3;

async fn run(seed: u64) -> Vec<String> {
    let mut play = Play::begin(Dice::of(seed)).await;
    for _ in 0..STEPS {
        play = play.step().await;
    }
    play.hold_back_no_more().await;
    play.everybody_is_busy().await;
    let mut left = Vec::new();
    for _ in 0..LOOKS {
        // What was left in the middle comes back when its lease is over.
        play.passes(11).await;
        left = wrongs::left_undone(&play).await;
        if left.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    left.extend(wrongs::of(&play).await);
    left
}

#[tokio::test]
async fn whatever_happens_nothing_is_lost_doubled_or_moved_where_it_may_not() {
    let mut waiting = seeds();
    let mut running = JoinSet::new();
    let mut failed = Vec::new();
    loop {
        while running.len() < AT_ONCE
            && let Some(seed) = waiting.pop()
        {
            running.spawn(async move { (seed, tokio::spawn(run(seed)).await) });
        }
        let Some(done) = running.join_next().await else {
            break;
        };
        match done.unwrap() {
            (_, Ok(wrongs)) if wrongs.is_empty() => {}
            (seed, Ok(wrongs)) => failed.push(format!("seed {seed}: {wrongs:#?}")),
            (seed, Err(error)) => failed.push(format!("seed {seed}: {error}")),
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
