//! What is said of every text is true of the seeds: the targets work, and so do the seeds.

use std::fs;
use std::path::Path;

fn holds_for_the_seeds(target: &str, check: fn(&[u8])) {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("seeds")
        .join(target);
    let mut seen = 0;
    for seed in fs::read_dir(seeds).expect("seeds") {
        let path = seed.expect("a seed").path();
        println!("{}", path.display());
        check(&fs::read(path).expect("a file"));
        seen += 1;
    }
    assert!(seen > 0);
}

macro_rules! targets {
    ($($target:ident),*) => {
        $(#[test]
        fn $target() {
            holds_for_the_seeds(stringify!($target), headwater_fuzz::$target::check);
        })*
    };
}

targets!(csv, id, multipart, soap, soql, sosl);
