//! The commands on a data directory (`user`, `token`, `app`, `backup`): tasks, and how their answers
//! are printed.

use std::io::{IsTerminal as _, Read as _};
use std::path::Path;

use crate::administration::{Answer, NewApp, NewUser, Task, perform};
use crate::arguments::{AddApp, AddUser, App, Backup, Common, PasswordSource, Serve, User};
use crate::command::channel;
use crate::command::connection::print_json;
use crate::configuration::Configuration;
use crate::failure::{Context as _, Failure, Outcome};
use crate::files;

/// Runs `headwater user …`.
///
/// # Errors
/// What kept it from being done.
pub async fn user(command: User, common: &Common) -> Outcome {
    let task = match command {
        User::Add(AddUser {
            username,
            name,
            email,
            profile,
            permission_sets,
            password,
        }) => {
            let password = new_password(password, &username)?;
            Task::AddUser(NewUser {
                username,
                name,
                email,
                profile,
                permission_sets,
                password,
            })
        }
        User::Password(set) => Task::SetPassword {
            password: new_password(set.password, &set.username)?,
            username: set.username,
        },
        User::List => Task::ListUsers,
    };
    run(task, common).await
}

/// Runs `headwater token` on the data directory.
///
/// # Errors
/// What kept it from being done.
pub async fn token(username: String, common: &Common) -> Outcome {
    run(Task::IssueToken { username }, common).await
}

/// Runs `headwater app …`.
///
/// # Errors
/// What kept it from being done.
pub async fn app(command: App, common: &Common) -> Outcome {
    let task = match command {
        App::Add(AddApp {
            name,
            callbacks,
            certificate,
            public,
            run_as,
        }) => {
            let certificate = match certificate {
                Some(file) => {
                    let text = std::fs::read_to_string(&file);
                    Some(text.doing(format_args!("cannot read {}", file.display()))?)
                }
                None => None,
            };
            Task::AddApp(NewApp {
                name,
                callbacks,
                certificate,
                public,
                run_as,
            })
        }
        App::List => Task::ListApps,
    };
    run(task, common).await
}

/// Runs `headwater backup`.
///
/// # Errors
/// What kept it from being done.
pub async fn backup(command: Backup, common: &Common) -> Outcome {
    // The server may run in another directory.
    let file = std::path::absolute(&command.file)
        .doing(format_args!("cannot use {}", command.file.display()))?;
    let directory = file.parent().unwrap_or(Path::new("/"));
    if !directory.is_dir() {
        return Err(Failure::usage(format!(
            "there is no directory {}",
            directory.display()
        )));
    }
    run(Task::Backup { file }, common).await?;
    let configuration = Configuration::load(common, &Serve::default())?;
    if let Some(place) = files::described(&configuration)
        && !common.json
    {
        println!("Not in it are the files {place}: copy these after it.");
    }
    Ok(())
}

/// Has a task done and prints the answer.
///
/// # Errors
/// What kept it from being done.
pub async fn run(task: Task, common: &Common) -> Outcome {
    let configuration = Configuration::load(common, &Serve::default())?;
    let answer = perform(&configuration, task).await?;
    if common.json {
        return print_answer(&answer);
    }
    print!("{}", text(&answer));
    Ok(())
}

fn print_answer(answer: &Answer) -> Outcome {
    match answer {
        Answer::User(answer) => print_json(answer),
        Answer::Users(answer) => print_json(answer),
        Answer::Token(answer) => print_json(answer),
        Answer::App(answer) => print_json(answer),
        Answer::Apps(answer) => print_json(answer),
        Answer::Channel(answer) => print_json(answer),
        Answer::Channels(answer) => print_json(answer),
        Answer::Carrier(answer) => print_json(answer),
        Answer::Metadata(answer) => print_json(answer),
        Answer::Backup(answer) => print_json(answer),
        Answer::Database(answer) => print_json(answer),
    }
}

fn text(answer: &Answer) -> String {
    match answer {
        Answer::User(made) => {
            let password = made.password.as_ref();
            let shown = password.map(|password| format!("password {password}  (shown only now)\n"));
            format!(
                "{}  {}\n{}",
                made.id,
                made.username,
                shown.unwrap_or_default()
            )
        }
        Answer::Users(users) => table(users.iter().map(|user| {
            let active = if user.active { "active" } else { "inactive" };
            [
                &*user.id,
                &*user.username,
                &*user.name,
                &*user.profile,
                active,
            ]
        })),
        Answer::Token(token) => format!("{}\n", token.access_token),
        Answer::App(app) => {
            let secret = app.client_secret.as_ref();
            let shown = secret.map(|secret| format!("client secret  {secret}  (shown only now)\n"));
            format!(
                "client id      {}\n{}",
                app.client_id,
                shown.unwrap_or_default()
            )
        }
        Answer::Apps(apps) => table(apps.iter().map(|app| {
            let active = if app.active { "active" } else { "inactive" };
            [&*app.id, &*app.name, &*app.client_id, active]
        })),
        Answer::Channel(connected) => channel::connected(connected),
        Answer::Channels(channels) => table(channels.iter().map(channel::cells)),
        Answer::Carrier(says) => channel::said(says),
        Answer::Metadata(loaded) => loaded
            .iter()
            .map(|one| {
                let changes = one.changes.join(", ");
                let reason = one.reason.as_deref().unwrap_or_default();
                let what = format!("{:?}", one.what).to_lowercase();
                let line = format!("{what:<10} {} {changes}{reason}", one.name);
                line.trim_end().to_owned() + "\n"
            })
            .collect(),
        Answer::Backup(copy) => {
            format!("{} ({} bytes), checked\n", copy.file.display(), copy.bytes)
        }
        Answer::Database(database) => format!("{database:?}\n"),
    }
}

/// Rows with their columns aligned.
fn table<'a, const N: usize>(rows: impl Iterator<Item = [&'a str; N]>) -> String {
    let rows: Vec<_> = rows.collect();
    let mut widths = [0; N];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |row: &[&str; N]| {
        let cells: Vec<_> = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        cells.join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

/// The password to set: made up later when none is given, read from standard input, or asked for.
fn new_password(source: PasswordSource, username: &str) -> Outcome<Option<String>> {
    if source.generate {
        return Ok(None);
    }
    if source.password_stdin || !std::io::stdin().is_terminal() {
        let mut password = String::new();
        std::io::stdin()
            .read_to_string(&mut password)
            .doing("cannot read the password")?;
        return Ok(Some(password.trim_end_matches(['\r', '\n']).to_owned()));
    }
    let ask = |prompt: String| rpassword::prompt_password(prompt).doing("cannot read the password");
    let password = ask(format!("New password of {username}: "))?;
    if ask("Again: ".to_owned())? == password {
        Ok(Some(password))
    } else {
        Err(Failure::usage("the two passwords differ"))
    }
}
