//! The way from somebody's browser to the server, which can be cut.

use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Passes connections on to the server, while it is whole.
pub(crate) struct Line {
    /// What the browser has for the server's address.
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    is_cut: bool,
    /// Both ends of the connections that there are.
    open: Vec<TcpStream>,
}

impl Line {
    /// A line to a server on this machine.
    pub(crate) fn to(server: &str) -> Self {
        let server: SocketAddr = server.trim_start_matches("http://").parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let known = Arc::clone(&state);
        std::thread::spawn(move || {
            for came in listener.incoming().flatten() {
                // A browser that has gone meanwhile, or a server, has nothing to be passed on.
                let _ = connect(came, server, &known);
            }
        });
        Self { url, state }
    }

    /// Cuts it: what is under way is lost, and nothing gets through from now on.
    pub(crate) fn cut(&self) {
        let mut state = self.state.lock().unwrap();
        state.is_cut = true;
        for end in state.open.drain(..) {
            // Closed already by whoever had it.
            let _ = end.shutdown(Shutdown::Both);
        }
    }

    /// Mends it.
    pub(crate) fn mend(&self) {
        self.state.lock().unwrap().is_cut = false;
    }
}

fn connect(came: TcpStream, server: SocketAddr, state: &Mutex<State>) -> std::io::Result<()> {
    let mut state = state.lock().unwrap();
    if state.is_cut {
        return Ok(());
    }
    let on = TcpStream::connect(server)?;
    state.open.extend([came.try_clone()?, on.try_clone()?]);
    for (mut from, mut to) in [(came.try_clone()?, on.try_clone()?), (on, came)] {
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Both);
        });
    }
    Ok(())
}
