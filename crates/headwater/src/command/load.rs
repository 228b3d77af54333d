//! `headwater metadata load`.

use std::path::Path;

use crate::administration::{SourceFile, Task};
use crate::arguments::Common;
use crate::command::administer;
use crate::failure::{Context as _, Failure, Outcome};

/// Folders within each other; a project has four.
const DEPTH_MAX: usize = 16;
/// The largest file that is read.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Reads the project's files and has them loaded.
///
/// # Errors
/// Every problem of the files, with file and line; or what the org refused.
pub async fn run(directory: &Path, skip_unsupported: bool, common: &Common) -> Outcome {
    if !directory.is_dir() {
        return Err(Failure::usage(format!(
            "there is no directory {}",
            directory.display()
        )));
    }
    let mut files = Vec::new();
    collect(directory, directory, DEPTH_MAX, &mut files)?;
    // In the same order on every machine.
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let task = Task::LoadMetadata {
        files,
        skip_unsupported,
    };
    administer::run(task, common).await
}

fn collect(top: &Path, directory: &Path, depth: usize, files: &mut Vec<SourceFile>) -> Outcome {
    let cannot = format!("cannot read {}", directory.display());
    if depth == 0 {
        return Err(Failure::usage(format!("{cannot}: it lies too deep")));
    }
    for entry in std::fs::read_dir(directory).doing(&cannot)? {
        let entry = entry.doing(&cannot)?;
        let path = entry.path();
        // Links are not followed: they could lead in circles.
        let kind = entry.file_type().doing(&cannot)?;
        if kind.is_dir() {
            collect(top, &path, depth - 1, files)?;
        } else if kind.is_file() && path.to_string_lossy().ends_with("-meta.xml") {
            files.push(read(top, &path)?);
        }
    }
    Ok(())
}

fn read(top: &Path, path: &Path) -> Outcome<SourceFile> {
    let cannot = format!("cannot read {}", path.display());
    let size = std::fs::metadata(path).doing(&cannot)?.len();
    if size > FILE_BYTES_MAX {
        return Err(Failure::refused(format!(
            "{cannot}: it has more than {FILE_BYTES_MAX} bytes"
        )));
    }
    let content = std::fs::read_to_string(path).doing(&cannot)?;
    let under = path.strip_prefix(top).unwrap_or(path);
    let parts: Vec<_> = under.iter().map(|part| part.to_string_lossy()).collect();
    Ok(SourceFile {
        path: parts.join("/"),
        content,
    })
}
