//! The routes: each request that the inspector answers.

use std::sync::Arc;

use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use serde::{Deserialize, Serialize};

use crate::conversation::pid::Pid;
use crate::data::reason::Reason;
use crate::data::text::Text;
use crate::host::inspector::Server;
use crate::host::inspector::guard::guard;
use crate::host::inspector::in_time::in_time;
use crate::host::inspector::page::page;
use crate::host::inspector::problem::Problem;
use crate::host::inspector::shown::{Kill, ShownTurn, json, shown_state};
use crate::host::inspector::stream::events;
use crate::host::vat::Debugger;

/// How many bytes the body of a request may have.
const BODY_LIMIT: usize = 16 * 1024;

/// How many steps may be asked for at once.
const STEPS: u32 = 10_000;

/// How many turns of a causal tree are shown.
const TREE_LIMIT: usize = 5_000;

pub(super) fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/api/dump", get(get_dump))
        .route("/api/tree", get(tree))
        .route("/api/state", get(state))
        .route("/api/events", get(events))
        .route("/api/pause", post(pause))
        .route("/api/run", post(run))
        .route("/api/step", post(step))
        .route("/api/kill", post(kill))
        .route("/api/log", post(log))
        .fallback(async || Problem::new(StatusCode::NOT_FOUND, "there is nothing here"))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn_with_state(server.clone(), guard))
        .with_state(server)
}

async fn get_dump(State(server): State<Arc<Server>>) -> Result<Response, Problem> {
    in_time(server.hub.dump()).await.map(|dump| as_json(dump.to_string()))
}

#[derive(Deserialize)]
struct OfTurn {
    turn: u64,
}

#[derive(Serialize)]
struct Turns {
    turns: Vec<ShownTurn>,
    /// How many turns are not among them.
    more: usize,
}

async fn tree(
    State(server): State<Arc<Server>>,
    query: Result<Query<OfTurn>, QueryRejection>,
) -> Result<Response, Problem> {
    let turn = query?.turn;
    let look = move |_, debugger: &mut Debugger<'_>| {
        let mut turns = debugger.log().tree(turn)?.turns();
        turns.sort_unstable_by_key(|(_, turn)| turn.stamp);
        let more = turns.len().saturating_sub(TREE_LIMIT);
        // The turn that was asked for is among them.
        let at = turns.iter().position(|(_, logged)| logged.id == turn)?;
        let first = at.saturating_sub(TREE_LIMIT / 2).min(more);
        let turns =
            turns.iter().skip(first).take(TREE_LIMIT).map(|(_, turn)| ShownTurn::from(*turn)).collect();
        Some(Turns { turns, more })
    };
    let forgotten = || Problem::new(StatusCode::NOT_FOUND, "the log does not have this turn any more");
    let turns = in_time(server.hub.inspect(look)).await?.ok_or_else(forgotten)?;
    Ok(as_json(json(&turns)))
}

/// A process, by the numbers of the VMs in which it is and its own: `2/7`.
#[derive(Deserialize)]
struct OfProcess {
    process: String,
}

#[derive(Serialize)]
struct ShownState {
    /// `None`: there is no such process, or it shows no state.
    state: Option<String>,
}

async fn state(
    State(server): State<Arc<Server>>,
    query: Result<Query<OfProcess>, QueryRejection>,
) -> Result<Response, Problem> {
    let path: Result<Vec<u64>, _> = query?.process.split('/').map(str::parse).collect();
    let Ok(path) = path else {
        return Err(Problem::new(StatusCode::BAD_REQUEST, "a process is given by numbers, as in 2/7"));
    };
    let look = move |_, debugger: &mut Debugger<'_>| {
        let (pid, vm) = path.split_last()?;
        let vm: Vec<_> = vm.iter().copied().map(Pid).collect();
        debugger.peek(&vm, Pid(*pid)).map(|snapshot| shown_state(&snapshot))
    };
    let state = in_time(server.hub.inspect(look)).await?;
    Ok(as_json(json(&ShownState { state })))
}

async fn pause(State(server): State<Arc<Server>>) -> Result<StatusCode, Problem> {
    server.act_always(|debugger| debugger.pause()).await
}

async fn run(State(server): State<Arc<Server>>) -> Result<StatusCode, Problem> {
    server.act_always(|debugger| debugger.run()).await
}

#[derive(Deserialize)]
struct Steps {
    n: Option<u32>,
}

async fn step(
    State(server): State<Arc<Server>>,
    query: Result<Query<Steps>, QueryRejection>,
) -> Result<StatusCode, Problem> {
    let steps = query?.n.unwrap_or(1);
    if steps > STEPS {
        return Err(Problem::new(StatusCode::BAD_REQUEST, format!("at most {STEPS} steps at once")));
    }
    let step = move |debugger: &mut Debugger<'_>| {
        if !debugger.is_paused() {
            return Err(Problem::new(StatusCode::CONFLICT, "it is running: pause it first"));
        }
        // A step that finds nothing to do ends it: further steps would find nothing, too.
        let done = (0..steps).take_while(|_| debugger.step()).count();
        let nothing = "nothing is queued: what waits outside comes in when the program runs";
        if done > 0 { Ok(()) } else { Err(Problem::new(StatusCode::CONFLICT, nothing)) }
    };
    server.act(step).await
}

async fn kill(
    State(server): State<Arc<Server>>,
    kill: Result<Json<Kill>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(Kill { vm, pid, reason }) = kill?;
    let reason = if reason.is_empty() { Reason::Killed(None) } else { Reason::value(&Text::from(reason)) };
    let kill = move |debugger: &mut Debugger<'_>| {
        let vm: Vec<_> = vm.into_iter().map(Pid).collect();
        let known = debugger.kill(&vm, Pid(pid), reason);
        known.then_some(()).ok_or(Problem::new(StatusCode::NOT_FOUND, "there is no such process"))
    };
    server.act(kill).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Logging {
    on: bool,
}

async fn log(
    State(server): State<Arc<Server>>,
    logging: Result<Json<Logging>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(Logging { on }) = logging?;
    let log = move |debugger: &mut Debugger<'_>| match debugger.log_mut() {
        log if on => log.turn_on(),
        log => log.turn_off(),
    };
    server.act_always(log).await
}

fn as_json(json: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], json).into_response()
}

impl Server {
    /// Acts on the vat, and lets pages see the result at once.
    async fn act(
        &self,
        act: impl FnOnce(&mut Debugger<'_>) -> Result<(), Problem> + Send + 'static,
    ) -> Result<StatusCode, Problem> {
        let acted = self.hub.act(|_, debugger| act(debugger))?;
        in_time(acted).await??;
        self.hub.look.notify_one();
        Ok(StatusCode::NO_CONTENT)
    }

    /// Acts on the vat in a way that cannot be refused.
    async fn act_always(
        &self,
        act: impl FnOnce(&mut Debugger<'_>) + Send + 'static,
    ) -> Result<StatusCode, Problem> {
        let act = |debugger: &mut Debugger<'_>| {
            act(debugger);
            Ok(())
        };
        self.act(act).await
    }
}
