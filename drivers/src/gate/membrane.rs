//! A membrane: it stands before each reference that passes it.

use marketplace::objects::{Asks, Far, Here, Reference, reference, spawn_with};
use marketplace::prelude::*;

use crate::gate::passages::{Passages, Way};
use crate::gate::revoker::{Revoker, revokes};

/// A reference that stands before this one, and before each reference that passes through it, as an
/// argument or an answer, in both directions; and the right to take all back at once.
///
/// Inside and outside of a membrane everybody has their own references to the objects of the other
/// side: the same object has the same one each time, and a reference that comes home is the object
/// itself. So nobody sees the membrane but by its end. Then all these references are gone, for the
/// reason of the [`Revoker`], and so are answers that are still under way.
///
/// Promises and their resolvers pass, and so do references in reasons. Host values and ducts do
/// not: the answer breaks with [`Broken::NotPassable`](marketplace::objects::Broken::NotPassable).
/// A membrane confines what objects say to each other. Code of one program has other ways.
///
/// ```
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
/// use marketplace_drivers::gate::membrane;
///
/// struct Shelf;
/// struct Book(Text);
///
/// #[object]
/// impl Shelf {
///     fn book(&self, cx: &Cx<Self>, title: Text) -> Far<Book> {
///         cx.make(Book(title))
///     }
/// }
///
/// #[object]
/// impl Book {
///     fn title(&self) -> Text {
///         self.0.clone()
///     }
/// }
///
/// let mut sim = Sim::new(|_| transition_no_state!());
/// let shelf = sim.spawn_object(Shelf);
/// let mut lent = None;
/// sim.tell(|cx| lent = Some(membrane(cx, &shelf)));
/// let (library, revoker) = lent.unwrap();
///
/// let book = sim.ask(|cx| library.book(cx, "Emma"));
/// sim.run();
/// let book: Far<Book> = book.answer().unwrap().unwrap();
/// let title = sim.ask(|cx| book.title(cx));
/// sim.run();
/// assert_eq!(title.answer(), Some(Ok("Emma".into())));
///
/// // The book was lent through the membrane, so it is taken back with the shelf.
/// sim.tell(|cx| revoker.revoke(cx, Reason::value(&"the library is closed".to_string())));
/// let title = sim.ask(|cx| book.title(cx));
/// sim.run();
/// let why = title.answer().unwrap().unwrap_err();
/// assert_eq!(why.to_string(), "it is gone (the library is closed)");
/// ```
#[must_use]
pub fn membrane<T: ?Sized + 'static>(cx: &impl Asks, inside: &Far<T>) -> (Far<T>, Revoker) {
    let (outside, here) = reference::<T>();
    let (revoker, of_revoker) = Revoker::new();
    let (inside, named) = (Reference::from(inside), outside.clone());
    spawn_with(cx, spawn!(stands_between(inside, &named, here, of_revoker)));
    (outside, revoker)
}

fn stands_between<T: ?Sized>(
    inside: Reference,
    outside: &Far<T>,
    here: Here,
    of_revoker: Here,
) -> Transition<Passages> {
    let mut passages = Passages::default();
    let stands = passages.put(Way::Out, &inside, outside.as_ref(), here);
    transition!(passages, stands, revokes(of_revoker))
}
