// First of all: it asks for what is to be shown.
import { hostApi } from './hostApi';
import './main.css';
import { startApp } from './app';

const root = document.getElementById('app');
if (!root) throw new Error('the page has no #app');
startApp(root, hostApi);
