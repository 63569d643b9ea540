//! Actions at the meta level, and the types that stand for them.

use crate::process::action::{AddEndpoint, PreAction, Spawn};
use crate::process::transition::ActionTree;

/// Performs these actions at the meta level: in the network that the acting process's VM is itself
/// a process of. The actions of a VM's processes there take effect in order, and before the next
/// turn of the VM begins.
pub fn at_meta_level<S>(actions: impl IntoPreActions<S>) -> ActionTree<S> {
    let mut tree = ActionTree::new();
    actions.each(&mut |action| tree.0.push(action.at_meta_level().into()));
    tree
}

/// A type that stands for actions at the meta level: like
/// [`IntoActionTree`](crate::IntoActionTree), without yields.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be performed at the meta level",
    label = "expected an action that is not a yield, or an `Option`, `Vec`, array, tuple or iterator of such actions",
    note = "a process yields to the other processes of its own VM"
)]
pub trait IntoPreActions<S>: Sized {
    /// Calls `each` with every action, in order.
    fn each(self, each: &mut dyn FnMut(PreAction<S>));
}

impl<S> IntoPreActions<S> for PreAction<S> {
    fn each(self, each: &mut dyn FnMut(Self)) {
        each(self);
    }
}

impl<S> IntoPreActions<S> for AddEndpoint<S> {
    fn each(self, each: &mut dyn FnMut(PreAction<S>)) {
        each(self.into());
    }
}

impl<S> IntoPreActions<S> for Spawn<S> {
    fn each(self, each: &mut dyn FnMut(PreAction<S>)) {
        each(self.into());
    }
}

impl<S> IntoPreActions<S> for () {
    fn each(self, _: &mut dyn FnMut(PreAction<S>)) {}
}

impl<S, T: IntoPreActions<S>> IntoPreActions<S> for Option<T> {
    fn each(self, each: &mut dyn FnMut(PreAction<S>)) {
        if let Some(actions) = self {
            actions.each(each);
        }
    }
}

impl<S, T: IntoPreActions<S>> IntoPreActions<S> for Vec<T> {
    fn each(self, each: &mut dyn FnMut(PreAction<S>)) {
        self.into_iter().for_each(|actions| actions.each(each));
    }
}

impl<S, T: IntoPreActions<S>, const N: usize> IntoPreActions<S> for [T; N] {
    fn each(self, each: &mut dyn FnMut(PreAction<S>)) {
        self.into_iter().for_each(|actions| actions.each(each));
    }
}

macro_rules! tuples {
    ($(($($type:ident)*))*) => {$(
        #[diagnostic::do_not_recommend]
        impl<S, $($type: IntoPreActions<S>),*> IntoPreActions<S> for ($($type,)*) {
            #[allow(non_snake_case, reason = "the variables are named after their types")]
            fn each(self, each: &mut dyn FnMut(PreAction<S>)) {
                let ($($type,)*) = self;
                $($type.each(each);)*
            }
        }
    )*};
}

tuples! {
    (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H) (A B C D E F G H I)
    (A B C D E F G H I J) (A B C D E F G H I J K) (A B C D E F G H I J K L)
}
