//! The iterators of the standard library, as trees of what they give.
//!
//! They are named one by one: an impl for every iterator would overlap those for tuples, `Option`
//! and `Vec`, which the standard library may yet make iterators.

use std::collections::{btree_map, hash_map, vec_deque};
use std::iter::{
    Chain, Cloned, Empty, Filter, FilterMap, FlatMap, Flatten, FromFn, Fuse, Inspect, Map, MapWhile, Once,
    OnceWith, Peekable, Rev, Scan, Skip, SkipWhile, StepBy, Successors, Take, TakeWhile, Zip,
};
use std::{array, option, vec};

use crate::process::action::{IntoPreActions, PreAction};
use crate::process::transition::{ActionTree, IntoActionTree};

macro_rules! iterators {
    ($([$($parameters:tt)*] $iterator:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($parameters)*, S> IntoActionTree<S> for $iterator
        where
            Self: Iterator<Item: IntoActionTree<S>>,
        {
            fn append_to(self, actions: &mut ActionTree<S>) {
                self.for_each(|tree| tree.append_to(actions));
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($parameters)*, S> IntoPreActions<S> for $iterator
        where
            Self: Iterator<Item: IntoPreActions<S>>,
        {
            fn each(self, each: &mut dyn FnMut(PreAction<S>)) {
                self.for_each(|actions| actions.each(each));
            }
        }
    )*};
}

iterators! {
    [A, B] Chain<A, B>;
    [I] Cloned<I>;
    [T] Empty<T>;
    [I, F] Filter<I, F>;
    [I, F] FilterMap<I, F>;
    [I, U: IntoIterator, F] FlatMap<I, U, F>;
    [I: Iterator<Item: IntoIterator>] Flatten<I>;
    [F] FromFn<F>;
    [I] Fuse<I>;
    [I, F] Inspect<I, F>;
    [I, F] Map<I, F>;
    [I, F] MapWhile<I, F>;
    [T] Once<T>;
    [F] OnceWith<F>;
    [I: Iterator] Peekable<I>;
    [I] Rev<I>;
    [I, T, F] Scan<I, T, F>;
    [I] Skip<I>;
    [I, F] SkipWhile<I, F>;
    [I] StepBy<I>;
    [T, F] Successors<T, F>;
    [I] Take<I>;
    [I, F] TakeWhile<I, F>;
    [A, B] Zip<A, B>;
    [T] vec::IntoIter<T>;
    ['a, T] vec::Drain<'a, T>;
    [T, const N: usize] array::IntoIter<T, N>;
    [T] option::IntoIter<T>;
    [T] vec_deque::IntoIter<T>;
    [K, V] btree_map::IntoValues<K, V>;
    [K, V] hash_map::IntoValues<K, V>;
    ['a, T] Box<dyn Iterator<Item = T> + 'a>;
    ['a, T] Box<dyn Iterator<Item = T> + Send + 'a>;
}
