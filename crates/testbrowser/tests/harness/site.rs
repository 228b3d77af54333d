//! A site of a few still pages, served on a port of its own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};

/// Starts it for as long as the process runs; gives its address. Each page is a path and its HTML.
pub(crate) fn serve(pages: &'static [(&str, &str)]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || answer(stream.unwrap(), pages));
        }
    });
    url
}

/// Answers one request, and no second one on the same connection.
fn answer(mut stream: TcpStream, pages: &[(&str, &str)]) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    // A browser opens connections that it then does not use.
    let Some(Ok(request)) = lines.next() else {
        return;
    };
    let wanted = request.split(' ').nth(1).unwrap_or_default();
    let path = wanted.split('?').next().unwrap_or_default();
    while lines
        .next()
        .is_some_and(|line| line.is_ok_and(|line| !line.is_empty()))
    {}
    let (status, body) = match pages.iter().find(|(page, _)| *page == path) {
        Some((_, html)) => ("200 OK", *html),
        None if path == "/favicon.ico" => ("204 No Content", ""),
        None => ("404 Not Found", "<title>Nothing</title>Nothing here"),
    };
    let policy = if path.starts_with("/strict") {
        "Content-Security-Policy: default-src 'none'; form-action 'self'\r\n"
    } else {
        ""
    };
    // Whoever went away does not want it.
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n\
         Content-Length: {}\r\n{policy}\r\n{body}",
        body.len()
    );
}
